import django.db.models.deletion
import django.utils.timezone
import people.models.base
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cohorts', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('program_id', models.UUIDField(db_index=True)),
                ('program_slug', models.SlugField(max_length=60)),
                ('program_name', models.CharField(max_length=120)),
                ('number', models.PositiveIntegerField()),
                ('period_from', models.DateField()),
                ('period_to', models.DateField()),
                ('released_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('threshold', models.PositiveSmallIntegerField()),
                ('rounding', models.PositiveSmallIntegerField()),
                ('receipt', models.JSONField(default=dict)),
                ('unknowns', models.TextField(blank=True, max_length=4000, verbose_name='what we do not know')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('program_id', 'number'), name='release_number'), models.CheckConstraint(condition=models.Q(('rounding__gte', 5), ('threshold__gte', 5)), name='release_threshold_protects')],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='measurement.release')),
                ('table', models.CharField(max_length=40)),
                ('row', models.CharField(max_length=160)),
                ('column', models.CharField(blank=True, max_length=160)),
                ('position', models.PositiveSmallIntegerField()),
                ('unit', models.CharField(max_length=13)),
                ('shown', models.CharField(choices=[('value', 'Value'), ('small', 'too few people, or it could reveal too few')], default='value', max_length=10)),
                ('value', models.IntegerField(null=True)),
                ('out_of', models.IntegerField(null=True)),
                ('is_total', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'table', 'position'], name='figure_in_order')],
                'constraints': [models.UniqueConstraint(fields=('release', 'table', 'row', 'column'), name='figure_cell'), models.CheckConstraint(condition=models.Q(('shown', 'value'), models.Q(('out_of', None), ('value', None)), _connector='OR'), name='figure_hidden_holds_no_value')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('edition', models.PositiveIntegerField(default=1, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('title', models.CharField(max_length=160, verbose_name='what you work on')),
                ('about', models.TextField(blank=True, max_length=3000, verbose_name='in a few sentences')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('shared_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['cohort', 'owner'], name='project_in_cohort')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'client_key'), name='project_once')],
            },
        ),
        migrations.CreateModel(
            name='Hypothesis',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hypotheses', to='measurement.project')),
                ('number', models.PositiveSmallIntegerField()),
                ('if_we', models.CharField(max_length=400, verbose_name='If we …')),
                ('then', models.CharField(max_length=400, verbose_name='then …')),
                ('because', models.CharField(blank=True, max_length=400, verbose_name='because …')),
                ('decide_on', models.DateField(verbose_name='we decide to go on or stop on')),
                ('verdict', models.CharField(blank=True, choices=[('continue', 'go on'), ('change', 'change it'), ('stop', 'stop')], max_length=8)),
                ('learned', models.CharField(blank=True, max_length=600, verbose_name='what we learned')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='hypothesis_number'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('project',), name='hypothesis_one_open_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('verdict', '')), models.Q(('closed_at__isnull', False), models.Q(('verdict', ''), _negated=True)), _connector='OR'), name='hypothesis_closes_with_a_verdict')],
            },
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('hypothesis', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signals', to='measurement.hypothesis')),
                ('name', models.CharField(max_length=160, verbose_name='what we count')),
                ('unit', models.CharField(choices=[('people', 'people'), ('organisations', 'organisations'), ('things', 'things')], default='things', max_length=13, verbose_name='what the numbers count')),
                ('is_share', models.BooleanField(default=False, verbose_name='it is a part of a whole')),
                ('baseline', models.PositiveIntegerField(blank=True, null=True, verbose_name='before')),
                ('baseline_of', models.PositiveIntegerField(blank=True, null=True, verbose_name='out of')),
                ('target', models.PositiveIntegerField(blank=True, null=True, verbose_name='we hope for')),
                ('target_of', models.PositiveIntegerField(blank=True, null=True, verbose_name='out of')),
                ('direction', models.CharField(choices=[('up', 'more is better'), ('down', 'less is better')], default='up', max_length=4)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('baseline_of', None), ('baseline__lte', models.F('baseline_of')), _connector='OR'), models.Q(('target_of', None), ('target__lte', models.F('target_of')), _connector='OR')), name='signal_parts_fit_their_wholes'), models.CheckConstraint(condition=models.Q(('is_share', True), models.Q(('baseline_of', None), ('target_of', None)), _connector='OR'), name='signal_wholes_only_of_shares')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('signal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='measurement.signal')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('on', models.DateField(default=django.utils.timezone.localdate)),
                ('value', models.PositiveIntegerField(verbose_name='how many')),
                ('out_of', models.PositiveIntegerField(blank=True, null=True, verbose_name='out of')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='how it was counted')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['signal', '-on'], name='reading_of_signal')],
                'constraints': [models.UniqueConstraint(fields=('by', 'signal', 'client_key'), name='reading_once'), models.CheckConstraint(condition=models.Q(('out_of', None), ('value__lte', models.F('out_of')), _connector='OR'), name='reading_part_fits_its_whole')],
            },
        ),
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.program')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('for_whom', models.CharField(max_length=120, verbose_name='who it is for')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
