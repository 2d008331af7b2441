import pytest
import redis
from django.conf import settings
from django.core import signing
from django.db import transaction

from people import knocks


@pytest.fixture
def listener():
    with redis.Redis.from_url(settings.REDIS_CLIENT_URL) as valkey:
        pubsub = valkey.pubsub()
        pubsub.subscribe(knocks.channel("birch"))
        pubsub.get_message(timeout=5)  # that we are in
        yield pubsub
        pubsub.close()


@pytest.fixture
def no_valkey(settings):
    settings.REDIS_CLIENT_URL = "unix:///nowhere/valkey.sock"
    knocks._valkey.cache_clear()
    yield
    knocks._valkey.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_a_room_is_told_once_the_change_is_there(listener):
    with transaction.atomic():
        knocks.knock("birch", 4)
        before = listener.get_message(timeout=0.05)
    after = listener.get_message(timeout=5)

    assert before is None
    assert after["data"] == b"4"


@pytest.mark.django_db(transaction=True)
def test_a_change_taken_back_is_no_news(listener):
    with transaction.atomic():
        knocks.knock("birch", 4)
        transaction.set_rollback(True)

    assert listener.get_message(timeout=0.05) is None


@pytest.mark.django_db(transaction=True)
def test_without_valkey_the_change_stands_and_the_log_says_why(no_valkey, caplog):
    knocks.knock("birch", 4)

    assert "A room was not told of its change" in caplog.text


def test_an_address_opens_one_room_only(settings):
    settings.LIVE_URL = "http://127.0.0.1:8001"

    base, _, token = knocks.stream_url("birch").rpartition("/")

    assert base == "http://127.0.0.1:8001/live"
    assert signing.loads(token, salt=knocks.SALT) == "birch"
