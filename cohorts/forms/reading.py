"""What reviewers can take, what keeps them away, what they try out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cohorts.forms.calls import Lines
from cohorts.models import Criterion, WhyNot
from cohorts.models.reading import MOST_TIES_NAMED
from cohorts.redacting import MOST_WORDS
from people.clock import language_name
from people.forms import EditForm


class TermsForm(EditForm):
    capacity = forms.IntegerField(
        label=_("How many can you read?"),
        min_value=0,
        max_value=2000,
        required=False,
        help_text=_("Left empty: as many as come to you when all share alike."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Which languages do you read?"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: any. You get applications in these only."),
    )
    ties = Lines(
        label=_("Whom should you not read?"),
        required=False,
        most=MOST_TIES_NAMED,
        longest=120,
        help_text=_(
            "People and organisations you work with or have a stake in, one on a "
            "line. They are compared with who applies, so you need not know who that "
            "is. Only you and the program leads see this."
        ),
    )

    def __init__(
        self,
        *args: Any,
        spoken: Sequence[str] = (),
        is_mine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # The call may take applications in more languages than the pages speak.
        known = dict(settings.LANGUAGES)
        choose = self.fields["languages"]
        assert isinstance(choose, forms.MultipleChoiceField)
        choose.choices = [
            *known.items(),
            *(
                (code, language_name(code))
                for code in dict.fromkeys(spoken)
                if code not in known
            ),
        ]
        if not is_mine:
            # Their own to name, and theirs to keep.
            del self.fields["ties"]
            self.fields["capacity"].label = _("How many can they read?")
            self.fields["languages"].label = _("Which languages do they read?")
            self.fields["languages"].help_text = _(
                "None ticked: any. They get applications in these only."
            )


class OverruleForm(forms.Form):
    reason = forms.CharField(
        label=_("Why may it be read all the same?"), min_length=3, max_length=500
    )


class AbstainForm(forms.Form):
    why = forms.ChoiceField(
        label=_("Why should somebody else read it?"),
        choices=WhyNot.choices,
        initial=WhyNot.KNOWS,
    )


class RedactForm(forms.Form):
    words = Lines(
        label=_("Words to hide from reviewers"),
        required=False,
        most=MOST_WORDS,
        longest=120,
        help_text=_(
            "One on a line, as they are written: a place, a project, a person. The "
            "applicant's own names are hidden already."
        ),
    )


class PracticeForm(forms.Form):
    """A level for each criterion; no evidence, for nothing of it counts."""

    def __init__(
        self,
        *args: Any,
        criteria: list[Criterion],
        given: dict[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for criterion in criteria:
            self.fields[criterion.pk.hex] = forms.TypedChoiceField(
                label=criterion.name,
                help_text=criterion.help,
                choices=list(enumerate(criterion.levels, 1)),
                coerce=int,
                widget=forms.RadioSelect,
                initial=given.get(str(criterion.pk)),
                error_messages={"required": _("Choose a level.")},
            )
        self.criteria = criteria

    @property
    def levels(self) -> dict[str, int]:
        return {str(c.pk): self.cleaned_data[c.pk.hex] for c in self.criteria}
