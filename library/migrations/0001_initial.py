import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import people.models.base
import taggit.managers
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cohorts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='NetworkCopy',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('insight', 'Insight'), ('playbook', 'Playbook'), ('template', 'Template')], max_length=10)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('summary', models.CharField(blank=True, max_length=400, verbose_name='in one or two sentences')),
                ('body', models.TextField(blank=True, max_length=50000, verbose_name='text')),
                ('language', models.CharField(default='en', max_length=10)),
                ('sector', models.CharField(blank=True, max_length=60)),
                ('region', models.CharField(blank=True, max_length=60)),
                ('kept_from', models.CharField(blank=True, max_length=200)),
                ('kept_on', models.DateField(blank=True, null=True)),
                ('tag_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place and year')),
                ('stayed', models.CharField(blank=True, max_length=300, verbose_name='what stayed')),
                ('changed', models.CharField(blank=True, max_length=600, verbose_name='what changed, and why')),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('original', models.UUIDField(unique=True)),
                ('edition', models.PositiveIntegerField()),
                ('attribution', models.CharField(max_length=300, verbose_name='who it is from')),
                ('licence', models.CharField(default='CC BY 4.0', max_length=40)),
                ('parent', models.UUIDField(blank=True, null=True)),
                ('root', models.UUIDField(db_index=True)),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], name='network_copy_search')],
            },
        ),
        migrations.CreateModel(
            name='ProgramCopy',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.program')),
                ('kind', models.CharField(choices=[('insight', 'Insight'), ('playbook', 'Playbook'), ('template', 'Template')], max_length=10)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('summary', models.CharField(blank=True, max_length=400, verbose_name='in one or two sentences')),
                ('body', models.TextField(blank=True, max_length=50000, verbose_name='text')),
                ('language', models.CharField(default='en', max_length=10)),
                ('sector', models.CharField(blank=True, max_length=60)),
                ('region', models.CharField(blank=True, max_length=60)),
                ('kept_from', models.CharField(blank=True, max_length=200)),
                ('kept_on', models.DateField(blank=True, null=True)),
                ('tag_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place and year')),
                ('stayed', models.CharField(blank=True, max_length=300, verbose_name='what stayed')),
                ('changed', models.CharField(blank=True, max_length=600, verbose_name='what changed, and why')),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('original', models.UUIDField(unique=True)),
                ('edition', models.PositiveIntegerField()),
                ('attribution', models.CharField(max_length=300, verbose_name='who it is from')),
                ('licence', models.CharField(default='CC BY 4.0', max_length=40)),
                ('parent', models.UUIDField(blank=True, null=True)),
                ('root', models.UUIDField(db_index=True)),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], name='program_copy_search')],
            },
        ),
        migrations.CreateModel(
            name='PublicCopy',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('insight', 'Insight'), ('playbook', 'Playbook'), ('template', 'Template')], max_length=10)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('summary', models.CharField(blank=True, max_length=400, verbose_name='in one or two sentences')),
                ('body', models.TextField(blank=True, max_length=50000, verbose_name='text')),
                ('language', models.CharField(default='en', max_length=10)),
                ('sector', models.CharField(blank=True, max_length=60)),
                ('region', models.CharField(blank=True, max_length=60)),
                ('kept_from', models.CharField(blank=True, max_length=200)),
                ('kept_on', models.DateField(blank=True, null=True)),
                ('tag_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place and year')),
                ('stayed', models.CharField(blank=True, max_length=300, verbose_name='what stayed')),
                ('changed', models.CharField(blank=True, max_length=600, verbose_name='what changed, and why')),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('original', models.UUIDField(unique=True)),
                ('edition', models.PositiveIntegerField()),
                ('attribution', models.CharField(max_length=300, verbose_name='who it is from')),
                ('licence', models.CharField(default='CC BY 4.0', max_length=40)),
                ('parent', models.UUIDField(blank=True, null=True)),
                ('root', models.UUIDField(db_index=True)),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], name='public_copy_search')],
            },
        ),
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('edition', models.PositiveIntegerField(default=1, editable=False)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.cohort')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('kind', models.CharField(choices=[('insight', 'Insight'), ('playbook', 'Playbook'), ('template', 'Template')], max_length=10)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('summary', models.CharField(blank=True, max_length=400, verbose_name='in one or two sentences')),
                ('body', models.TextField(blank=True, max_length=50000, verbose_name='text')),
                ('language', models.CharField(default='en', max_length=10)),
                ('sector', models.CharField(blank=True, max_length=60)),
                ('region', models.CharField(blank=True, max_length=60)),
                ('kept_from', models.CharField(blank=True, max_length=200)),
                ('kept_on', models.DateField(blank=True, null=True)),
                ('tag_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place and year')),
                ('stayed', models.CharField(blank=True, max_length=300, verbose_name='what stayed')),
                ('changed', models.CharField(blank=True, max_length=600, verbose_name='what changed, and why')),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cohorts.membership')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='library.resource')),
                ('source_copy', models.UUIDField(blank=True, null=True)),
                ('source_title', models.CharField(blank=True, max_length=200)),
                ('edited_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('slug', models.SlugField(allow_unicode=True, max_length=100, unique=True, verbose_name='slug')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ResourceTagging',
            fields=[
                ('id', models.UUIDField(default=people.models.base.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s_items', to='library.tag')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='library.resource')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='resource',
            name='tags',
            field=taggit.managers.TaggableManager(help_text='A comma-separated list of tags.', through='library.ResourceTagging', to='library.Tag', verbose_name='Tags'),
        ),
        migrations.AddIndex(
            model_name='resource',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='resource_search'),
        ),
        migrations.AddIndex(
            model_name='resource',
            index=models.Index(fields=['cohort', '-written_at'], name='resource_in_cohort'),
        ),
        migrations.AddConstraint(
            model_name='resource',
            constraint=models.UniqueConstraint(fields=('author', 'client_key'), name='resource_once'),
        ),
    ]
