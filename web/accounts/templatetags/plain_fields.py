"""Form fields as our frame shows them."""

from django import forms, template

register = template.Library()


@register.filter
def without_placeholders(form: forms.BaseForm) -> forms.BaseForm:
    """Take away allauth's placeholders: each only repeats the label above it."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form
