"""The forms of a contest's settings; those with dates are in dates_forms.py."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from contests import images
from contests.models import Contest
from contests.models.contest import Visibility

RESERVED = ("nuevo",)  # /organizador/nuevo/ is a page of ours
_LONGEST = 24 * 3600  # seconds
_MB = 1024**2


def check_address(url: str) -> str:
    """Return a contest's address. Raises ValidationError when a page of ours has it."""
    if url in RESERVED:
        raise forms.ValidationError(_("This address is ours. Choose another."))
    return url


class PictureField(forms.FileField):
    """A picture that is to be stored; what is none is found out when it is."""

    def __init__(self, **kwargs: Any) -> None:
        types = {"accept": "image/jpeg,image/png,image/webp,image/gif"}
        empty = {"empty": _("The file is empty. Choose another.")}
        super().__init__(
            required=False, widget=forms.FileInput(attrs=types), error_messages=empty, **kwargs
        )

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        """Refuse what is too big to look at. Raises ValidationError."""
        file: UploadedFile | None = super().clean(data, initial)
        if file and file.size and file.size > images.MAX_BYTES:
            raise forms.ValidationError(_("The file is too big. Choose one of up to 10 MB."))
        return file


class BasicsForm(forms.ModelForm):
    """What a contest is, and how it looks."""

    image = PictureField(
        label=_("Image"), help_text=_("JPEG, PNG or WebP, up to 10 MB. A wide one looks best.")
    )
    remove_image = forms.BooleanField(label=_("Remove the current image"), required=False)
    logo = PictureField(
        label=_("Logo"), help_text=_("Yours, or your sponsor's; it stands above the name.")
    )
    remove_logo = forms.BooleanField(label=_("Remove the current logo"), required=False)
    accent = forms.CharField(
        label=_("Colour"),
        required=False,
        help_text=_(
            "Of buttons and links on the contest's pages, such as #0b6358. We make it lighter or "
            "darker where it could not be read."
        ),
        widget=forms.TextInput({"spellcheck": "false", "data-colour": ""}),
    )

    class Meta:
        model = Contest
        fields = ("name", "url", "description", "contact", "accent")
        help_texts = {
            "url": _("The last part of the contest's address. Changing it breaks links to it."),
            "description": _("What it is about, the prizes. Plain text."),
        }
        widgets = {"description": forms.Textarea({"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("image", "logo"):
            if not getattr(self.instance, f"{name}_key"):
                del self.fields[f"remove_{name}"]

    def clean_url(self) -> str:
        """Refuse an address that one of our own pages has."""
        return check_address(self.cleaned_data["url"])

    def clean_accent(self) -> str:
        """Take a colour in capitals, too, and without its sign."""
        typed: str = self.cleaned_data["accent"].strip().lower()
        return f"#{typed}" if re.fullmatch(r"[0-9a-f]{6}", typed) else typed

    def clean(self) -> dict[str, Any]:
        """Say of files beside a mistake that they have to be chosen again."""
        data = super().clean() or self.cleaned_data
        for name in ("image", "logo") if self.errors else ():
            if data.get(name):
                text = _("Choose the image again: files are not kept on an error.")
                self.add_error(name, text)
        return data

    def pictures(self) -> Mapping[str, UploadedFile | None]:
        """Return what is to be done with the pictures, as editing.save_contest wants it."""
        data = self.cleaned_data
        found: dict[str, UploadedFile | None] = {}
        for name in ("image", "logo"):
            if data[name] or data.get(f"remove_{name}"):
                found[f"{name}_key"] = data[name]
        return found


class LengthField(forms.CharField):
    """A time in seconds, typed and shown as minutes:seconds; None when left empty."""

    def prepare_value(self, value: Any) -> Any:
        """Show seconds as minutes; what was typed stays as it is."""
        return f"{value // 60}:{value % 60:02}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Read `4:30`, `4` or `1:04:30`. Raises ValidationError."""
        typed = super().clean(value)
        if not typed:
            return None
        found = re.fullmatch(r"(?:(\d{1,2}):(?=\d+:))?(\d{1,3})(?::([0-5]\d))?", typed, re.ASCII)
        hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0,) * 3
        total = hours * 3600 + minutes * 60 + seconds
        if not 0 < total <= _LONGEST:
            raise forms.ValidationError(_("A length looks like “4:30”: minutes and seconds."))
        return total


class MegabytesField(forms.IntegerField):
    """A size in bytes, typed and shown in megabytes; None when left empty."""

    def prepare_value(self, value: Any) -> Any:
        """Show bytes as megabytes; what was typed stays as it is."""
        return max(1, value // _MB) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Return bytes. Raises ValidationError when the site itself takes less."""
        typed: int | None = super().clean(value)
        if typed and typed * _MB > settings.MAX_UPLOAD_BYTES:
            most = filesizeformat(settings.MAX_UPLOAD_BYTES)
            raise forms.ValidationError(_("The site takes files of up to %s.") % most)
        return typed and typed * _MB


class TakingPartForm(forms.ModelForm):
    """Who finds a contest, who may take part, and with what."""

    new_password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        min_length=6,
        max_length=100,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    remove_password = forms.BooleanField(
        label=_("Remove the password: only invitations open the contest"), required=False
    )
    max_seconds = LengthField(
        label=_("Longest video"),
        required=False,
        help_text=_("Minutes and seconds, such as 4:30. Empty: any length."),
        widget=forms.TextInput({"placeholder": "4:30", "autocomplete": "off"}),
    )
    max_bytes = MegabytesField(label=_("Biggest file, in megabytes"), required=False, min_value=1)

    class Meta:
        model = Contest
        fields = (
            *("visibility", "by_invitation", "moderated"),
            *("max_entries", "max_seconds", "max_bytes"),
        )
        help_texts = {"max_entries": _("Empty: any number.")}
        widgets = {"visibility": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_one = bool(self.instance.password)
        self.fields["new_password"].help_text = (
            _("There is one. Type another to change it: nobody can read the old one, not even we.")
            if has_one
            else _("Of a private contest: who knows it gets in. Without one, only invitations do.")
        )
        if not has_one:
            del self.fields["remove_password"]
        most = filesizeformat(settings.MAX_UPLOAD_BYTES)
        text = _("Empty: as big as the site takes them, %(most)s.") % {"most": most}
        self.fields["max_bytes"].help_text = text

    def clean(self) -> dict[str, Any]:
        """Hash the password."""
        data = super().clean() or self.cleaned_data
        typed = data.get("new_password")
        if typed and data.get("visibility") != Visibility.PRIVATE:
            self.add_error("new_password", _("Only a private contest has a password."))
        if typed and data.get("remove_password"):
            self.add_error("remove_password", _("Either a new password or none."))
        if typed and not self.errors:
            self.instance.password = make_password(typed)
        elif data.get("remove_password"):
            self.instance.password = ""
        return data


class DataForm(forms.ModelForm):
    """What becomes of people's data, and whom they ask about it."""

    retention_days = forms.IntegerField(
        label=_("Days until personal data are erased"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_(
            "Counted from the end of voting. Names, addresses, answers, original files and videos "
            "that are not public are then erased; public videos, titles and the result stay. "
            "Empty: they are kept until you delete the contest."
        ),
    )

    class Meta:
        model = Contest
        fields = ("retention_days", "contact")
