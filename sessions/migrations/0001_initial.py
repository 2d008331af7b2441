import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import people.models.base
import people.models.user
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cohorts', '0001_initial'),
        ('library', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='SessionSeries',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('every_weeks', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(52)])),
                ('times', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RitualSession',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('edition', models.PositiveIntegerField(default=1, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('number', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('purpose', models.TextField(blank=True, max_length=2000, verbose_name='what for')),
                ('local_date', models.DateField(verbose_name='day')),
                ('local_time', models.TimeField(verbose_name='hour')),
                ('timezone', models.CharField(max_length=64, validators=[people.models.user.validate_zone])),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(480)])),
                ('host', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohorts.membership')),
                ('co_host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohorts.membership')),
                ('video_link', models.URLField(blank=True, max_length=500, verbose_name='video link')),
                ('dial_in', models.CharField(blank=True, max_length=200, verbose_name='dial-in')),
                ('template', models.CharField(blank=True, max_length=60)),
                ('room_of', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('series', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohort_sessions.sessionseries')),
                ('state', models.CharField(choices=[('planned', 'planned'), ('open', 'live now'), ('closed', 'held'), ('did_not_happen', 'did not happen')], default='planned', max_length=16)),
                ('why_not', models.CharField(blank=True, max_length=300)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('calendar_sequence', models.PositiveIntegerField(default=0)),
                ('reminders_for', models.DateTimeField(blank=True, null=True)),
                ('scheduled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', 'starts_at'], name='ritual_session_by_day'), models.Index(condition=models.Q(('state', 'planned')), fields=['starts_at'], name='ritual_session_planned')],
                'constraints': [models.UniqueConstraint(fields=('cohort', 'number'), name='ritual_session_number_in_cohort'), models.UniqueConstraint(fields=('scheduled_by', 'client_key'), name='ritual_session_once'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='ritual_session_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'did_not_happen'), models.Q(('why_not', ''), _negated=True)), models.Q(models.Q(('state', 'did_not_happen'), _negated=True), ('why_not', '')), _connector='OR'), name='ritual_session_says_why_not'), models.CheckConstraint(condition=models.Q(models.Q(('opened_at__isnull', False), ('state__in', ('open', 'closed'))), models.Q(('state__in', ('open', 'closed')), _negated=True), _connector='OR'), name='ritual_session_opened_iff_open_or_closed'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='ritual_session_closed_at_iff_closed')],
            },
        ),
        migrations.CreateModel(
            name='Appreciation',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohort_sessions.ritualsession')),
                ('text', models.CharField(max_length=500, verbose_name='what you thank them for')),
                ('lang', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', '-written_at', '-id'], name='appreciation_newest')],
                'constraints': [models.UniqueConstraint(fields=('given_by', 'client_key'), name='appreciation_given_once'), models.CheckConstraint(condition=models.Q(('to', models.F('given_by')), _negated=True), name='appreciation_is_for_somebody_else')],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('person',), name='calendar_feed_one_open')],
            },
        ),
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohort_sessions.ritualsession')),
                ('mood', models.CharField(blank=True, choices=[('steady', 'Steady'), ('stretched', 'Stretched'), ('stuck', 'Stuck'), ('glad', 'Glad')], max_length=12)),
                ('grounding', models.CharField(blank=True, max_length=1000)),
                ('intention', models.CharField(blank=True, max_length=1000)),
                ('edge', models.CharField(blank=True, max_length=1000)),
                ('lang', models.CharField(blank=True, max_length=10)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', '-written_at', '-id'], name='checkin_newest')],
                'constraints': [models.UniqueConstraint(fields=('author', 'client_key'), name='checkin_sent_once'), models.CheckConstraint(condition=models.Q(('edge', ''), ('grounding', ''), ('intention', ''), ('mood', ''), _negated=True), name='checkin_says_something'), models.CheckConstraint(condition=models.Q(('written_at__lte', models.F('received_at'))), name='checkin_written_before_it_arrived')],
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('promised_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohort_sessions.ritualsession')),
                ('promise', models.CharField(max_length=280, verbose_name='I will')),
                ('due_on', models.DateField(verbose_name='by')),
                ('evidence_of_done', models.CharField(blank=True, max_length=280, verbose_name='we will know by')),
                ('lang', models.CharField(blank=True, max_length=10)),
                ('renews', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohort_sessions.commitment')),
                ('kept_at', models.DateTimeField(blank=True, null=True)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=500)),
                ('reminded_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('changed_at', None), ('kept_at', None), ('released_at', None)), fields=['due_on'], name='commitment_open_due'), models.Index(fields=['cohort', 'due_on', 'id'], name='commitment_by_day'), models.Index(fields=['promised_by', 'due_on'], name='commitment_by_promiser')],
                'constraints': [models.UniqueConstraint(fields=('promised_by', 'client_key'), name='commitment_made_once'), models.UniqueConstraint(fields=('renews',), name='commitment_renewed_once'), models.CheckConstraint(condition=models.Q(models.Q(('kept_at', None), ('released_at', None)), models.Q(('changed_at', None), ('kept_at', None)), models.Q(('changed_at', None), ('released_at', None)), _connector='OR'), name='commitment_ends_in_one_way')],
            },
        ),
        migrations.CreateModel(
            name='Insight',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('kept_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohort_sessions.ritualsession')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='library.resource')),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', '-written_at', '-id'], name='insight_newest')],
                'constraints': [models.UniqueConstraint(fields=('kept_by', 'client_key'), name='insight_kept_once')],
            },
        ),
        migrations.CreateModel(
            name='OwnNote',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('position', models.PositiveSmallIntegerField()),
                ('text', models.TextField(blank=True, max_length=5000, verbose_name='for yourself')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'session', 'position'), name='own_note_one_per_phase')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('kind', models.CharField(choices=[('update', 'Update'), ('decision', 'Decision'), ('request', 'Request')], max_length=10)),
                ('title', models.CharField(max_length=160, verbose_name='in one line')),
                ('text', models.TextField(blank=True, max_length=10000, verbose_name='more, if needed')),
                ('lang', models.CharField(blank=True, max_length=10)),
                ('to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohorts.membership')),
                ('answer_by', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', '-written_at', '-id'], name='post_newest'), models.Index(condition=models.Q(('closed_at', None)), fields=['to'], name='post_put_to')],
                'constraints': [models.UniqueConstraint(fields=('author', 'client_key'), name='post_sent_once'), models.CheckConstraint(condition=models.Q(('kind', 'request'), ('to', None), _connector='OR'), name='post_only_requests_are_put_to_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'update'), _negated=True), ('answer_by', None), _connector='OR'), name='post_updates_wait_for_nobody'), models.CheckConstraint(condition=models.Q(('to', None), models.Q(('to', models.F('author')), _negated=True), _connector='OR'), name='post_is_not_put_to_oneself')],
            },
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('how', models.CharField(choices=[('here', 'here'), ('audio', 'by audio'), ('writing', 'in writing')], default='here', max_length=8)),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('pause_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'membership'), name='presence_once_per_member')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.post')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('text', models.TextField(max_length=10000, verbose_name='your answer')),
                ('lang', models.CharField(blank=True, max_length=10)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['post', 'written_at', 'id'], name='reply_in_order')],
                'constraints': [models.UniqueConstraint(fields=('author', 'client_key'), name='reply_sent_once')],
            },
        ),
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('version', models.PositiveIntegerField(default=1)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('phase_started_at', models.DateTimeField()),
                ('extra_seconds', models.PositiveIntegerField(default=0)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('speaking_order', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('heard', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('speaker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohorts.membership')),
                ('speaker_since', models.DateTimeField(blank=True, null=True)),
                ('host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cohorts.membership')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Rsvp',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('answer', models.CharField(choices=[('yes', 'I will be there'), ('audio', 'I will be there by audio'), ('writing', 'I will take part in writing'), ('no', 'I cannot come')], max_length=8)),
                ('answered_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'membership'), name='rsvp_once_per_member')],
            },
        ),
        migrations.CreateModel(
            name='SessionPhase',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('position', models.PositiveSmallIntegerField()),
                ('key', models.CharField(blank=True, max_length=60)),
                ('name', models.CharField(max_length=120)),
                ('minutes', models.PositiveSmallIntegerField()),
                ('minutes_min', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('minutes_max', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('per_person', models.BooleanField(default=False)),
                ('repeat_per', models.CharField(default='once', max_length=10)),
                ('turn', models.PositiveSmallIntegerField(default=1)),
                ('turns', models.PositiveSmallIntegerField(default=1)),
                ('speaker_rule', models.CharField(choices=[('all', 'everyone, freely'), ('round', 'in turn, round the circle'), ('role', 'those whose role it is'), ('silent', 'in silence')], default='all', max_length=10)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('prompt', models.TextField(blank=True, max_length=2000)),
                ('capture', models.CharField(choices=[('none', 'nothing'), ('note', 'a note'), ('arrival', 'how people arrive'), ('intention', 'intentions'), ('edge', "today's edges"), ('insight', 'one insight'), ('commitment', 'promises'), ('appreciation', 'appreciations'), ('decision', 'a decision')], default='none', max_length=16)),
                ('private_writing', models.BooleanField(default=False)),
                ('low_bandwidth', models.TextField(blank=True, max_length=1000)),
                ('attribution', models.CharField(blank=True, max_length=300)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'position'), name='session_phase_position'), models.CheckConstraint(condition=models.Q(('minutes__gte', 1)), name='session_phase_has_a_minute'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('started_at__isnull', False), _connector='OR'), name='session_phase_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('position', models.PositiveSmallIntegerField()),
                ('seconds', models.PositiveIntegerField()),
                ('started_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['session', 'person'], name='turn_by_session')],
            },
        ),
        migrations.CreateModel(
            name='Writing',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohort_sessions.ritualsession')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('text', models.TextField(max_length=2000, verbose_name='your words')),
                ('language', models.CharField(blank=True, max_length=10)),
                ('as_turn', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['session', 'position', 'written_at'], name='writing_in_order')],
                'constraints': [models.UniqueConstraint(fields=('author', 'client_key'), name='writing_once'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='writing_says_something')],
            },
        ),
    ]
