"""The form that turns an uploaded file into an entry."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain
from contests import reasons
from contests.models import Contest, Entry, Upload


class SubmissionForm(forms.ModelForm):
    """About the video and its author. The file itself has travelled before, see uploading.py."""

    # The upload's token; the page's script fills it in.
    upload = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Entry
        fields = ("title", "description", "first_name", "last_name", "email")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        help_texts = {
            "first_name": _("Shown beside your video."),
            "last_name": _("Only the organizer sees it."),
            "email": _("Only the organizer sees it. We write to you when your video is ready."),
        }

    def __init__(self, contest: Contest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of the model's they are not: the team submits for people who have none.
        self.fields["last_name"].required = self.fields["email"].required = True
        token = self["upload"].value()
        self.sent = Upload.objects.filter(contest=contest, token=token or "").first()

    @property
    def existing(self) -> Entry | None:
        """The entry that this form made when it was sent before."""
        return Entry.objects.filter(upload=self.sent).first() if self.sent else None

    @property
    def arrived(self) -> Upload | None:
        """The complete upload that the form carries."""
        complete = self.sent and self.sent.state == Upload.State.COMPLETE
        return self.sent if complete else None

    def clean_email(self) -> str:
        """Refuse an address that no mail can be sent to. Raises ValidationError."""
        email: str = self.cleaned_data["email"]
        check_domain(email)
        return email

    def clean_upload(self) -> Upload:
        """Return the complete upload. Raises ValidationError."""
        if self.arrived:
            return self.arrived
        if not self["upload"].value():
            raise forms.ValidationError(_("Choose your video."))
        code = "upload_incomplete" if self.sent else "upload_unknown"
        raise forms.ValidationError(reasons.text(code, get_language() or "es"))
