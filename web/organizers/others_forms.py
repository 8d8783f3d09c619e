"""What the team types about a video that it submits for somebody else."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain
from contests.models import Category, Contest, Entry

Categories = dict[str, Category]


def categories_of(contest: Contest) -> Categories:
    """Return a contest's categories by name, read once for all the forms of a list."""
    return {each.name: each for each in contest.categories.all()}


class OtherForm(forms.ModelForm):
    """One video of many. Its author may have no e-mail; categories go by their names."""

    category = forms.ChoiceField(
        label=_("Category"),
        required=False,
        error_messages={"invalid_choice": _("There is no category “%(value)s”.")},
    )
    field_order = ("title", "first_name", "last_name", "email", "category", "description")

    class Meta:
        model = Entry
        fields = ("title", "first_name", "last_name", "email", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, categories: Categories, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = categories
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *((name, name) for name in categories)]

    def clean_email(self) -> str:
        """Refuse an address that no mail can be sent to. Raises ValidationError."""
        email: str = self.cleaned_data["email"]
        if email:
            check_domain(email)
        return email

    def clean_category(self) -> Category | None:
        """Return the category itself."""
        return self.categories.get(self.cleaned_data["category"])

    def told(self, *, all_typed: bool = True) -> dict[str, list[str]]:
        """Return what is wrong, by field; but for what is missing, unless `all_typed`."""
        return {
            name: [str(text) for error in errors for text in error.messages]
            for name, errors in self.errors.as_data().items()
            if all_typed or {error.code for error in errors} != {"required"}
        }
