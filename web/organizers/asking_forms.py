"""Forms for what a contest asks: rules with consents, categories, questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contests.models import Category, Question
from contests.ruling import Consent

_MOST_OPTIONS = 30
_LONGEST_OPTION = 200


class RulesForm(forms.Form):
    """The text of the rules; `seen` is the version that it changes."""

    text = forms.CharField(
        label=_("The rules"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 18}),
        help_text=_("Who may take part, with what, who owns the videos. Plain text."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ConsentForm(forms.Form):
    """One consent; without a text it is none."""

    text = forms.CharField(
        label=_("What people agree to"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )
    required = forms.BooleanField(label=_("Nobody takes part without it"), required=False)


ConsentFormSet = forms.formset_factory(ConsentForm, extra=1, max_num=20, validate_max=True)


def consents_of(formset: Any) -> list[Consent]:
    """Return the consents, of a valid form set, that have a text."""
    rows = [form.cleaned_data for form in formset]
    return [{"text": row["text"], "required": row["required"]} for row in rows if row.get("text")]


class CategoryForm(forms.ModelForm):
    """A category's name."""

    class Meta:
        model = Category
        fields = ("name",)


class _Lines(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines; what was typed stays as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the lines that are not empty, each once. Raises ValidationError."""
        typed = super().clean(value) or ""
        lines = list(dict.fromkeys(filter(None, (line.strip() for line in typed.splitlines()))))
        if len(lines) > _MOST_OPTIONS or any(len(line) > _LONGEST_OPTION for line in lines):
            text = _("At most %(most)s answers, each of at most %(longest)s characters.")
            params = {"most": _MOST_OPTIONS, "longest": _LONGEST_OPTION}
            raise forms.ValidationError(text, params=params)
        return lines


class QuestionForm(forms.ModelForm):
    """A question, and how it is answered."""

    options = _Lines(
        label=_("Answers to choose from"),
        required=False,
        help_text=_("One a line; only for a question with several answers."),
        widget=forms.Textarea({"rows": 4}),
    )

    class Meta:
        model = Question
        fields = ("text", "kind", "options", "required", "public")
        labels = {"required": _("Everybody has to answer")}
        widgets = {"kind": forms.RadioSelect}

    def clean(self) -> dict[str, Any]:
        """A choice needs something to choose from; other kinds have nothing."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") != Question.Kind.CHOICE:
            data["options"] = []
        elif len(data.get("options", ("", ""))) < 2:
            self.add_error("options", _("Write at least two answers, one a line."))
        return data
