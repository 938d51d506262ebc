"""The pages that show the components, without the areas that stand above them."""

from django.urls import include, path

from noroshi.ui.urls import gallery

urlpatterns = [path("", include((gallery, "ui")))]
