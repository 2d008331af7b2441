"""Which of PostgreSQL's dictionaries reads which content language."""

# Languages that are not here are split into words, not stemmed.
DICTIONARIES = {
    "en": "english",
    "fr": "french",
    "es": "spanish",
    "pt": "portuguese",
    "ar": "arabic",
}


def dictionary_of(language: str) -> str:
    return DICTIONARIES.get(language.split("-")[0], "simple")
