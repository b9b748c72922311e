"""The language of the windows. The source texts are Chinese; others come from resources/i18n/<language>/*.json.

One translator answers every `tr()` whatever its context, and every finished sentence of the services (`text.said`):
one catalogue, so that a word is called the same wherever it stands.
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator
from typing_extensions import override

from console.services import catalogue
from console.services.catalogue import FOLDER, Catalogue


class CatalogueTranslator(QTranslator):
    """Qt's door to a catalogue."""

    def __init__(self, texts: Catalogue) -> None:
        super().__init__()
        self._texts = texts

    @override
    def isEmpty(self) -> bool:
        return not self._texts.entries

    @override
    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return self._texts.said(source, context)


def load_language(app: QCoreApplication, language: str, folder: Path = FOLDER) -> list[QTranslator]:
    """Install the translators of `zh` or `en`; answers them (the caller keeps them alive)."""
    made: list[QTranslator] = []
    if language == "zh":
        # Qt's own words (a field's menu) are English until told otherwise.
        own = QTranslator()
        if own.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            made.append(own)
    else:
        made.append(CatalogueTranslator(catalogue.load(language, folder)))
    return [translator for translator in made if app.installTranslator(translator)]


def change_language(app: QCoreApplication, installed: list[QTranslator], language: str) -> list[QTranslator]:
    """Another language from now on; what is on the screen already is drawn anew by who shows it."""
    for translator in installed:
        app.removeTranslator(translator)
    return load_language(app, language)
