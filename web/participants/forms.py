"""What participants type about a video."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain
from contests import accepting, languages, reasons, receipts, redeeming
from contests.accepting import Given
from contests.models import Code, Contest, Entry, Question, Upload
from contests.reasons import Refused

_LINE = 200  # characters of an answer of one line


class EntryForm(forms.ModelForm):
    """About the video, with the organizer's own questions: what may still change later."""

    class Meta:
        model = Entry
        fields: tuple[str, ...] = ("title", "description", "category", "text_description")
        widgets: dict[str, forms.Widget] = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "text_description": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "text_description": _(
                "For people who do not see or hear it: what happens, who speaks, what is written."
            )
        }

    def __init__(self, contest: Contest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contest = contest
        self.questions = {f"question_{each.pk}": each for each in contest.questions.all()}
        given = {each.question_id: each.text for each in self._given_before()}
        for name, question in self.questions.items():
            self.fields[name] = _field(question)
            self.initial.setdefault(name, given.get(question.pk, ""))
        category = self.fields["category"]
        assert isinstance(category, forms.ModelChoiceField)
        category.queryset = contest.categories.all()
        category.empty_label = _("Choose one…")
        category.required = category.queryset.exists()
        if not category.required:
            del self.fields["category"]

    def _given_before(self) -> Any:
        return self.instance.answers.all() if self.instance.pk else ()

    @property
    def about_video(self) -> list[forms.BoundField]:
        """The fields on what is seen."""
        return [self[name] for name in EntryForm.Meta.fields if name in self.fields]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The organizer's questions."""
        return [self[name] for name in self.questions]

    def about(self) -> dict[str, Any]:
        """Return what was typed into the entry's own fields."""
        own = self._meta.fields or ()
        return {name: self.cleaned_data[name] for name in own if name in self.fields}

    def answers(self) -> dict[Question, str]:
        """Return what was answered."""
        return {each: self.cleaned_data[name] for name, each in self.questions.items()}


def _field(question: Question) -> forms.Field:
    shared: dict[str, Any] = {"label": question.text, "required": question.required}
    if question.public:
        shared["help_text"] = _("Shown with your video.")
    match question.kind:
        case Question.Kind.TEXT:
            rows = forms.Textarea(attrs={"rows": 4})
            return forms.CharField(max_length=5000, widget=rows, **shared)
        case Question.Kind.CHOICE:
            options = [("", _("Choose one…")), *((each, each) for each in question.options)]
            return forms.ChoiceField(choices=options, **shared)
        case Question.Kind.YES_NO:
            both = [("yes", _("Yes")), ("no", _("No"))]
            return forms.ChoiceField(choices=both, widget=forms.RadioSelect, **shared)
    return forms.CharField(max_length=_LINE, **shared)


class SubmissionForm(EntryForm):
    """Turns an uploaded file into an entry. The file itself has travelled before: uploading.py.

    `code` is the one that let the person in, which need not be asked for then.
    """

    # The upload's token; the page's script fills it in.
    upload = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta(EntryForm.Meta):
        fields = (*EntryForm.Meta.fields, "first_name", "last_name", "email")
        widgets = {
            **EntryForm.Meta.widgets,
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        help_texts = {
            **EntryForm.Meta.help_texts,
            "first_name": _("Shown beside your video."),
            "last_name": _("Only the organizer sees it."),
            "email": _("Only the organizer sees it. We write to you when your video is ready."),
        }

    def __init__(
        self, contest: Contest, *args: Any, code: Code | None = None, **kwargs: Any
    ) -> None:
        super().__init__(contest, *args, **kwargs)
        # Of the model's they are not: the team submits for people who have none.
        self.fields["last_name"].required = self.fields["email"].required = True
        uploads = Upload.objects.select_related("late_code__contest").filter(contest=contest)
        self.sent = uploads.filter(token=self["upload"].value() or "").first()
        self.code = code or (self.sent.late_code if self.sent else None)
        if contest.by_invitation and not self.code:
            self.fields["code"] = forms.CharField(label=_("Invitation code"), max_length=40)
        self.rules = accepting.rules_of(contest)
        # Named after the version, so that nobody accepts what they have not seen.
        wanted = self.rules.consents if self.rules else []
        self._places = {
            f"consent_{self.rules.pk}_{place}": place for place in range(len(wanted)) if self.rules
        }
        for name, place in self._places.items():
            self.fields[name] = _consent(**wanted[place])

    @property
    def about_person(self) -> list[forms.BoundField]:
        """The fields on who made it."""
        return [self[name] for name in ("first_name", "last_name", "email")]

    @property
    def consents(self) -> list[forms.BoundField]:
        """What the rules ask to be agreed to."""
        return [self[name] for name in self._places]

    @property
    def existing(self) -> Entry | None:
        """The entry that this form made when it was sent before."""
        return Entry.objects.filter(upload=self.sent).first() if self.sent else None

    @property
    def arrived(self) -> Upload | None:
        """The complete upload that the form carries."""
        complete = self.sent and self.sent.state == Upload.State.COMPLETE
        return self.sent if complete else None

    def given(self) -> Given:
        """Return what was given beside the entry's own fields."""
        consents = [place for name, place in self._places.items() if self.cleaned_data[name]]
        return Given(self.rules, tuple(consents), self.answers(), self.code)

    def clean_email(self) -> str:
        """Refuse an address that no mail can be sent to. Raises ValidationError."""
        email: str = self.cleaned_data["email"]
        check_domain(email)
        return email

    def clean_code(self) -> str:
        """Find the code. Raises ValidationError."""
        typed: str = self.cleaned_data["code"]
        try:
            self.code = redeeming.find(self.contest, typed, timezone.now(), Code.Kind.SUBMIT)
        except Refused as refused:
            raise forms.ValidationError(_reason(refused.code)) from refused
        return typed

    def clean_upload(self) -> Upload:
        """Return the complete upload. Raises ValidationError."""
        if self.arrived:
            return self.arrived
        if not self["upload"].value():
            raise forms.ValidationError(_("Choose your video."))
        raise forms.ValidationError(_reason("upload_incomplete" if self.sent else "upload_unknown"))

    def clean(self) -> dict[str, Any]:
        """Ask again when the rules are not those that were shown any more."""
        if self.rules and self.data.get("rules") != str(self.rules.pk):
            self.add_error(None, _reason("rules_changed"))
        return self.cleaned_data


def _consent(text: str, required: bool) -> forms.BooleanField:
    wanted = _("You can only take part if you accept this.")
    help_text = "" if required else _("Optional.")
    return forms.BooleanField(
        label=text, required=required, help_text=help_text, error_messages={"required": wanted}
    )


def _reason(code: str) -> str:
    return reasons.text(code, get_language() or "es")


class CodeForm(forms.Form):
    """The code that opens the form."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Capital or small letters, with or without hyphens: all the same."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class CaptionsForm(forms.Form):
    """Captions in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=languages.choices)
    file = forms.FileField(
        label=_("Captions file"),
        help_text=_("SRT or WebVTT (.srt, .vtt), as subtitle programs write it."),
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,text/vtt,application/x-subrip"}),
    )


class MineForm(forms.Form):
    """The address whose videos somebody looks for."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        validators=[check_domain],
        help_text=_("The one you gave when you submitted them."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ReceiptForm(forms.Form):
    """A receipt to be verified: pasted, or as a file."""

    text = forms.CharField(
        label=_("The receipt's text"),
        max_length=receipts.MAX_BYTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("or its file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,text/plain"}),
    )

    def clean(self) -> dict[str, Any]:
        """Read the file where no text was pasted."""
        file = self.cleaned_data.get("file")
        if not self.cleaned_data.get("text") and file:
            read = file.read(receipts.MAX_BYTES).decode(errors="replace")
            self.cleaned_data["text"] = read
        return self.cleaned_data
