import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import people.models.base
import people.models.export
import people.models.user
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='AddressStop',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254)),
                ('purpose', models.CharField(choices=[('account', 'My account and my applications'), ('session', 'Meetings: they begin, they move'), ('promise', 'Something I promised falls due'), ('request', 'Somebody asks me for something'), ('decision', 'The group decides something'), ('update', 'News: check-ins, promises kept, adaptations'), ('thanks', 'Somebody thanks me'), ('care', "Care: harm, safety, a facilitator's call")], max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('address'), models.F('purpose'), name='one_stop_per_address')],
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('done', models.JSONField(default=dict)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='mail address')),
                ('called', models.CharField(blank=True, max_length=80, verbose_name='what should we call you?')),
                ('full_name', models.CharField(blank=True, max_length=160, verbose_name='full name, if needed')),
                ('pronouns', models.CharField(blank=True, help_text='One line in your own words, or nothing.', max_length=60, verbose_name='how to speak of you')),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('fr', 'French'), ('es', 'Spanish'), ('pt-br', 'Portuguese'), ('ar', 'Arabic'), ('sw', 'Swahili')], max_length=10, verbose_name='language of the pages')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=35), blank=True, default=list, size=None, verbose_name='languages you think in')),
                ('timezone', models.CharField(default='UTC', max_length=64, validators=[people.models.user.validate_zone], verbose_name='your place, for the time of day')),
                ('availability', models.CharField(blank=True, max_length=336)),
                ('theme', models.CharField(blank=True, choices=[('', 'Like my device'), ('light', 'Light'), ('dark', 'Dark')], default='', max_length=5, verbose_name='colours')),
                ('quiet_from', models.TimeField(default=datetime.time(19, 0), verbose_name='quiet from')),
                ('quiet_until', models.TimeField(default=datetime.time(7, 0), verbose_name='quiet until')),
                ('day_off', models.SmallIntegerField(blank=True, default=6, null=True, verbose_name='one quiet day')),
                ('digest_day', models.SmallIntegerField(default=0, verbose_name='day of the digest')),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ('erased_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique_in_any_case'), models.CheckConstraint(condition=models.Q(('digest_day__range', (0, 6)), models.Q(('day_off', None), ('day_off__range', (0, 6)), _connector='OR')), name='user_weekdays_are_weekdays')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('ready', 'Ready'), ('failed', 'Failed')], default='asked', max_length=10)),
                ('made_at', models.DateTimeField(null=True)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('file', models.FileField(blank=True, default='', max_length=120, upload_to=people.models.export.export_path)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('person',), name='one_export_asked_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='NoticePreference',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('purpose', models.CharField(choices=[('account', 'My account and my applications'), ('session', 'Meetings: they begin, they move'), ('promise', 'Something I promised falls due'), ('request', 'Somebody asks me for something'), ('decision', 'The group decides something'), ('update', 'News: check-ins, promises kept, adaptations'), ('thanks', 'Somebody thanks me'), ('care', "Care: harm, safety, a facilitator's call")], max_length=20)),
                ('how', models.CharField(choices=[('mail', 'by mail'), ('none', 'not at all; it waits on Today')], default='mail', max_length=10)),
                ('when', models.CharField(choices=[('now', 'at once, outside quiet hours'), ('always', 'at once, at any hour'), ('day', 'in a digest, once a day'), ('week', 'in the weekly digest')], default='now', max_length=10)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'purpose'), name='one_wish_per_purpose'), models.CheckConstraint(condition=models.Q(('purpose__in', ['account', 'session', 'promise', 'request', 'decision', 'update', 'thanks', 'care'])), name='notice_purpose_is_known')],
            },
        ),
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('notice', models.CharField(max_length=100)),
                ('recipient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('about_id', models.UUIDField(null=True)),
                ('dedupe_key', models.CharField(max_length=240, unique=True)),
                ('send_after', models.DateTimeField()),
                ('not_after', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('claimed', 'Claimed'), ('sending', 'Sending'), ('sent', 'Sent'), ('held', 'Held'), ('folded', 'Folded'), ('dropped', 'Dropped'), ('unknown', 'Unknown'), ('expired', 'Expired'), ('dead', 'Dead')], default='planned', max_length=10)),
                ('lease_until', models.DateTimeField(null=True)),
                ('folded_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.outboxmessage')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('faults', models.PositiveSmallIntegerField(default=0)),
                ('first_tried_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'planned')), fields=['send_after', 'id'], name='outbox_planned'), models.Index(condition=models.Q(('state', 'held')), fields=['recipient', 'folded_into'], name='outbox_held'), models.Index(condition=models.Q(('state', 'sent')), fields=['recipient', 'sent_at'], name='outbox_sent'), models.Index(condition=models.Q(('state__in', ('claimed', 'sending'))), fields=['lease_until'], name='outbox_in_hand')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state__in', ('sent', 'folded'))), models.Q(models.Q(('state__in', ('sent', 'folded')), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='outbox_sent_at_iff_sent'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), ('recipient__isnull', False)), models.Q(('recipient__isnull', True), models.Q(('address', ''), _negated=True)), _connector='OR'), name='outbox_person_or_address')],
            },
        ),
        migrations.CreateModel(
            name='Record',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('act', models.CharField(max_length=60)),
                ('about', models.UUIDField(null=True)),
                ('place', models.UUIDField(db_index=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
