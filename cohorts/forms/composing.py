from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count as counting
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cohorts.models import CompositionGroup, Intake
from cohorts.publishing import name_is_taken
from cohorts.seating import AS_USUAL, Asked
from people.forms import OnceForm
from people.models import User

# Trees, for circles without a name of their own.
TREES = (
    _("Baobab"),
    _("Mangrove"),
    _("Cedar"),
    _("Tamarind"),
    _("Olive"),
    _("Acacia"),
    _("Banyan"),
    _("Juniper"),
    _("Kapok"),
    _("Willow"),
    _("Neem"),
    _("Rowan"),
)


class Scale(forms.NumberInput):
    """A range of a few whole numbers, with words at both ends."""

    input_type = "range"
    template_name = "components/scale.html"

    def __init__(self, *, least: Any, most: Any) -> None:
        super().__init__()
        self.ends = {"least": least, "most": most}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        said = context["widget"]["attrs"]
        if "id" in said:
            ends = f"{said['id']}_ends"
            told = said.get("aria-describedby", "")
            said["aria-describedby"] = f"{told} {ends}".strip()
        numbers = range(int(said["min"]), int(said["max"]) + 1)
        context["widget"] |= {**self.ends, "numbers": numbers, "last": numbers[-1]}
        return context


class ComposeForm(OnceForm):
    """What a lead asks of a proposal."""

    COUNTS = ("groups", "size_min", "size_max", "organisation_cap")
    RULES = ("meeting", "protected", "vary", "reach", "required")
    # Asked for single people; most proposals do without.
    SINGLE = ("together", "apart", "hours_open")

    groups = forms.IntegerField(label=_("How many cohorts?"), min_value=1, max_value=60)
    size_min = forms.IntegerField(
        label=_("Smallest cohort"), min_value=1, max_value=100
    )
    size_max = forms.IntegerField(label=_("Largest cohort"), min_value=1, max_value=100)
    meeting = forms.TypedChoiceField(
        label=_("Everybody can meet for"),
        coerce=int,
        choices=(
            (2, _("one hour a week")),
            (3, _("an hour and a half")),
            (4, _("two hours")),
            (6, _("three hours")),
        ),
        initial=3,
    )
    organisation_cap = forms.IntegerField(
        label=_("At most so many from one organisation"),
        min_value=1,
        max_value=100,
        required=False,
        initial=2,
        help_text=_("Leave it empty for no limit."),
    )
    protected = forms.MultipleChoiceField(
        label=_("Nobody shall be the only one in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Unless they said that this is fine for them."),
    )
    vary = forms.MultipleChoiceField(
        label=_("Mix"), required=False, widget=forms.CheckboxSelectMultiple
    )
    required = forms.CharField(
        label=_("Each cohort needs somebody who offers"),
        required=False,
        max_length=500,
        help_text=_("Offers as people wrote them, with commas between."),
    )
    reach = forms.IntegerField(
        label=_("Between closeness and reach"),
        min_value=0,
        max_value=4,
        required=False,
        initial=AS_USUAL,
        widget=Scale(
            least=_("closeness: who knows whom already plays no part"),
            most=_("reach: above all, people who do not know each other yet"),
        ),
        help_text=_(
            "Circles of strangers open new doors; where some know each other, trust "
            "comes sooner."
        ),
    )
    together = forms.CharField(
        label=_("Sit together"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Two codes of applications on each line."),
    )
    apart = forms.CharField(
        label=_("Keep apart"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Two codes of applications on each line. Nobody else reads why."),
    )
    hours_open = forms.CharField(
        label=_("Leave their hours open"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=_(
            "Codes of applications. Their hours are not weighed; ask them before you "
            "publish."
        ),
    )

    def __init__(
        self, *args: Any, intake: Intake, codes: Mapping[str, str], **kwargs: Any
    ) -> None:
        """`codes` leads from the code of an application to its key."""
        traits = list(intake.traits.order_by("position", "pk"))
        initial = {
            "groups": intake.cohorts_wanted,
            "size_min": intake.size_min,
            "size_max": intake.size_max,
            "protected": [t.key for t in traits if t.protected],
            "vary": [t.key for t in traits if not t.protected],
            **kwargs.pop("initial", {}),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.codes = codes
        for name in ("protected", "vary"):
            field: Any = self.fields[name]
            field.choices = [(t.key, t.label) for t in traits]
            if not traits:
                del self.fields[name]

    def counts(self) -> list[forms.BoundField]:
        return [self[name] for name in self.COUNTS]

    def rules(self) -> list[forms.BoundField]:
        return [self[name] for name in self.RULES if name in self.fields]

    def single(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SINGLE]

    @property
    def asks_of_single_people(self) -> bool:
        return any(field.value() or field.errors for field in self.single())

    def clean_together(self) -> list[tuple[str, str]]:
        return self._pairs("together")

    def clean_apart(self) -> list[tuple[str, str]]:
        return self._pairs("apart")

    def clean_hours_open(self) -> tuple[str, ...]:
        said = self.cleaned_data["hours_open"].replace(",", " ").split()
        for code in said:
            if code.upper() not in self.codes:
                raise forms.ValidationError(
                    gettext("No application has the code “%(code)s”.") % {"code": code}
                )
        return tuple(dict.fromkeys(self.codes[code.upper()] for code in said))

    def _pairs(self, name: str) -> list[tuple[str, str]]:
        found = []
        for n, line in enumerate(self.cleaned_data[name].splitlines(), 1):
            said = line.replace(",", " ").split()
            if not said:
                continue
            keys = [self.codes.get(code.upper(), "") for code in said]
            if len(keys) != 2 or not all(keys) or keys[0] == keys[1]:
                raise forms.ValidationError(
                    gettext("Line %(n)s does not name two different applications.")
                    % {"n": n}
                )
            found.append((keys[0], keys[1]))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, most = cleaned.get("size_min"), cleaned.get("size_max")
        groups, people = cleaned.get("groups"), len(self.codes)
        if least and most and least > most:
            self.add_error(
                "size_max", _("The largest cohort is not smaller than the smallest.")
            )
        elif least and groups and groups * least > people:
            self.add_error(
                "groups",
                ngettext(
                    "There is one person for %(groups)s cohorts of %(least)s.",
                    "There are %(n)s people: too few for %(groups)s cohorts of "
                    "%(least)s.",
                    people,
                )
                % {"n": people, "groups": groups, "least": least},
            )
        return cleaned

    @property
    def asked(self) -> Asked:
        said = self.cleaned_data
        return Asked(
            groups=said["groups"],
            size_min=said["size_min"],
            size_max=said["size_max"],
            meeting=said["meeting"],
            organisation_cap=said["organisation_cap"],
            protected=tuple(said.get("protected", ())),
            vary=tuple(said.get("vary", ())),
            required=tuple(filter(None, map(str.strip, said["required"].split(",")))),
            together=tuple(said["together"]),
            apart=tuple(said["apart"]),
            hours_open=said["hours_open"],
            reach=AS_USUAL if said["reach"] is None else said["reach"],
        )

    @staticmethod
    def names(count: int, *, taken: Collection[str] = ()) -> list[str]:
        """A tree for each circle, but none of those `taken`; when there is no tree
        left, they come again with a number."""
        trees = (
            str(tree) if turn == 1 else f"{tree} {turn}"
            for turn in counting(1)
            for tree in TREES
        )
        return list(islice((t for t in trees if t.casefold() not in taken), count))


class GroupsForm(forms.Form):
    """The name of each circle, and who will hold it."""

    def __init__(
        self,
        *args: Any,
        groups: Iterable[CompositionGroup],
        taken: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.groups, self.taken = list(groups), taken
        for group in self.groups:
            self.fields[f"name-{group.pk}"] = forms.CharField(
                label=_("Name of circle %(n)s") % {"n": group.position + 1},
                max_length=120,
                initial=group.name,
            )
            self.fields[f"mail-{group.pk}"] = forms.EmailField(
                label=_("Who will hold circle %(n)s: their mail address")
                % {"n": group.position + 1},
                required=False,
                max_length=254,
                initial=group.facilitator_email,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for group in self.groups:
            name = cleaned.get(f"name-{group.pk}", "")
            if name.strip().casefold() in self.taken:
                self.add_error(f"name-{group.pk}", name_is_taken(name))
        return cleaned

    @property
    def named(self) -> dict[Any, tuple[str, str]]:
        return {
            group.pk: (
                self.cleaned_data[f"name-{group.pk}"],
                self.cleaned_data[f"mail-{group.pk}"],
            )
            for group in self.groups
        }


class AskForm(forms.Form):
    person: Any = forms.ModelChoiceField(
        label=_("Whom?"), queryset=None, empty_label=_("Choose somebody")
    )

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = User.objects.filter(pk__in=[one.pk for one in people])
        field.label_from_instance = lambda one: one.name


class SignatureForm(forms.Form):
    arrangement = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput
    )
    note = forms.CharField(
        label=_("If not like this: what would mend it?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
