"""What a profile says about one municipality, as data: nothing here draws or knows a language."""
