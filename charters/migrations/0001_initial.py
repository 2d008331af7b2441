import charters.models.amendment
import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import people.models.base
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cohorts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Charter',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('cohort',), name='charter_one_per_cohort')],
            },
        ),
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('edition', models.PositiveIntegerField(default=1, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('charter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.charter')),
                ('proposer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('state', models.CharField(choices=[('draft', 'being written'), ('clarify', 'questions'), ('react', 'first reactions'), ('decide', 'consent round'), ('adopted', 'adopted'), ('withdrawn', 'withdrawn'), ('sent_to_session', 'taken to a session')], default='draft', max_length=20)),
                ('title', models.CharField(max_length=120)),
                ('why', models.TextField(blank=True, max_length=2000)),
                ('lang', models.CharField(default='en', max_length=35)),
                ('founding', models.BooleanField(default=False)),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('follows', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.amendment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['cohort'], name='amendment_open')],
                'constraints': [models.UniqueConstraint(fields=('proposer', 'client_key'), name='amendment_sent_once'), models.UniqueConstraint(condition=models.Q(('closed_at', None), ('founding', True)), fields=('charter',), name='amendment_one_founding_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state__in', ('draft', 'clarify', 'react', 'decide'))), models.Q(('closed_at__isnull', False), ('state__in', ('adopted', 'withdrawn', 'sent_to_session'))), _connector='OR'), name='amendment_closed_iff_over')],
            },
        ),
        migrations.CreateModel(
            name='CharterVersion',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('charter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.charter')),
                ('number', models.PositiveIntegerField(default=1)),
                ('adopted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('fingerprint', models.CharField(max_length=64)),
                ('amendment', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='charters.amendment')),
                ('title', models.CharField(max_length=120)),
                ('asked', models.PositiveIntegerField(default=0)),
                ('consented', models.PositiveIntegerField(default=0)),
                ('concerned', models.PositiveIntegerField(default=0)),
                ('silent', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', '-number'], name='charter_version_newest')],
                'constraints': [models.UniqueConstraint(fields=('charter', 'number'), name='charter_version_number_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='charter_version_counts_from_one')],
            },
        ),
        migrations.CreateModel(
            name='Clause',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.charterversion')),
                ('key', models.UUIDField(default=uuid.uuid4)),
                ('number', models.PositiveIntegerField(default=1)),
                ('section', models.CharField(choices=[('confidentiality', 'Confidentiality'), ('feedback', 'Feedback'), ('decisions', 'Decisions'), ('attendance', 'Attendance'), ('support', 'Support'), ('own', 'Our own')], default='own', max_length=20)),
                ('title', models.CharField(max_length=120)),
                ('text', models.TextField(max_length=5000)),
                ('lang', models.CharField(default='en', max_length=35)),
                ('steers', models.CharField(blank=True, choices=[('', 'Nothing: it is for us to keep'), ('attendance', 'How much presence we expect'), ('response', 'How long people have to answer'), ('recording', 'When a session may be recorded'), ('airtime', 'Whether all see how time was shared'), ('deciding', 'How we decide'), ('review', 'How often we look at the charter')], default='', max_length=20)),
                ('value', models.JSONField(blank=True, default=dict)),
                ('since', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='clause_once_in_a_version'), models.UniqueConstraint(fields=('version', 'number'), name='clause_number_once_in_a_version'), models.UniqueConstraint(condition=models.Q(('steers', ''), _negated=True), fields=('version', 'steers'), name='clause_steers_one_thing_once'), models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='clause_is_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('amendment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.amendment')),
                ('number', models.PositiveIntegerField(default=1)),
                ('text_hash', models.CharField(max_length=64)),
                ('clauses', models.JSONField(default=list)),
                ('worded_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('worded_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('amendment', 'number'), name='wording_number_once')],
            },
        ),
        migrations.CreateModel(
            name='ConsentRound',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('amendment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.amendment')),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('wording', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.wording')),
                ('text_hash', models.CharField(max_length=64)),
                ('opens_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closes_at', models.DateTimeField(default=charters.models.amendment.in_five_days)),
                ('rule', models.CharField(default='consent', max_length=20)),
                ('silence_counts', models.BooleanField(default=False)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['cohort', 'closes_at'], name='round_open')],
                'constraints': [models.UniqueConstraint(fields=('amendment', 'number'), name='round_number_once'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('amendment',), name='round_one_open_at_a_time'), models.CheckConstraint(condition=models.Q(('number__range', (1, 3))), name='round_one_to_three'), models.CheckConstraint(condition=models.Q(('closes_at__gte', django.db.models.expressions.CombinedExpression(models.F('opens_at'), '+', models.Value(datetime.timedelta(days=3))))), name='round_window_of_72_hours_at_least')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.consentround')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('kind', models.CharField(choices=[('consent', 'Yes, I consent'), ('concern', 'Yes, and note my concern'), ('object', 'I object: it would harm our purpose'), ('aside', 'I can go either way'), ('disagree', 'I disagree, and will not stand in the way')], default='consent', max_length=10)),
                ('text_hash', models.CharField(max_length=64)),
                ('reason', models.TextField(blank=True, max_length=2000)),
                ('harm', models.TextField(blank=True, max_length=2000)),
                ('fix', models.TextField(blank=True, max_length=2000)),
                ('lang', models.CharField(blank=True, max_length=35)),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('integrated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.wording')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'client_key'), name='consent_sent_once'), models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('round', 'member', 'text_hash'), name='consent_once_for_a_text'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'object'), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), models.Q(('harm', ''), _negated=True), models.Q(('fix', ''), _negated=True)), _connector='OR'), name='consent_objection_says_reason_harm_and_fix'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'concern'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='consent_concern_is_said')],
            },
        ),
        migrations.CreateModel(
            name='NewcomerAnswer',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.charterversion')),
                ('fingerprint', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('consent', 'Yes, I can live with it'), ('talk', 'I would like to talk about it first')], default='consent', max_length=10)),
                ('text', models.TextField(blank=True, max_length=2000)),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'client_key'), name='newcomer_answer_sent_once'), models.UniqueConstraint(fields=('member',), name='newcomer_answer_one_each')],
            },
        ),
        migrations.CreateModel(
            name='ProposedClause',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('edition', models.PositiveIntegerField(default=1, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('amendment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.amendment')),
                ('change', models.CharField(choices=[('changed', 'changed'), ('new', 'new'), ('removed', 'removed')], default='new', max_length=10)),
                ('key', models.UUIDField(default=uuid.uuid4)),
                ('position', models.PositiveIntegerField(default=1)),
                ('section', models.CharField(choices=[('confidentiality', 'Confidentiality'), ('feedback', 'Feedback'), ('decisions', 'Decisions'), ('attendance', 'Attendance'), ('support', 'Support'), ('own', 'Our own')], default='own', max_length=20)),
                ('title', models.CharField(max_length=120)),
                ('text', models.TextField(max_length=5000)),
                ('lang', models.CharField(default='en', max_length=35)),
                ('steers', models.CharField(blank=True, choices=[('', 'Nothing: it is for us to keep'), ('attendance', 'How much presence we expect'), ('response', 'How long people have to answer'), ('recording', 'When a session may be recorded'), ('airtime', 'Whether all see how time was shared'), ('deciding', 'How we decide'), ('review', 'How often we look at the charter')], default='', max_length=20)),
                ('value', models.JSONField(blank=True, default=dict)),
                ('based_on', models.CharField(blank=True, max_length=64)),
                ('held', models.BooleanField(default=False)),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('amendment', 'key'), name='proposed_clause_once'), models.UniqueConstraint(condition=models.Q(('held', True)), fields=('cohort', 'key'), name='proposed_clause_one_decision_at_a_time'), models.UniqueConstraint(condition=models.Q(('held', True), models.Q(('steers', ''), _negated=True), ('change', 'new')), fields=('cohort', 'steers'), name='proposed_clause_steers_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='proposed_clause_is_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='QuarterlyReview',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('charter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.charter')),
                ('due_on', models.DateField()),
                ('host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('lapsed_at', models.DateTimeField(blank=True, null=True)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('held_at', None)), fields=['due_on'], name='review_awaited')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('held_at', None)), fields=('charter',), name='review_one_awaited_at_a_time'), models.CheckConstraint(condition=models.Q(('lapsed_at', None), ('opened_at__isnull', False), _connector='OR'), name='review_lapses_only_once_opened')],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('amendment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.amendment')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('kind', models.CharField(choices=[('question', 'Question'), ('reaction', 'Reaction'), ('reply', 'Reply')], default='question', max_length=10)),
                ('text', models.TextField(max_length=2000)),
                ('said_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'client_key'), name='remark_sent_once')],
            },
        ),
        migrations.CreateModel(
            name='ReviewNote',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.quarterlyreview')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('serves', models.TextField(blank=True, max_length=2000)),
                ('strains', models.TextField(blank=True, max_length=2000)),
                ('lang', models.CharField(blank=True, max_length=35)),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'client_key'), name='review_note_sent_once'), models.UniqueConstraint(fields=('review', 'member'), name='review_note_one_each')],
            },
        ),
        migrations.CreateModel(
            name='RoundReminder',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='charters.consentround')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('text_hash', models.CharField(max_length=64)),
                ('closes_at', models.DateTimeField()),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('reminded_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('round', 'member', 'closes_at', 'number'), name='round_reminder_once')],
            },
        ),
    ]
