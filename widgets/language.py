"""The language of the windows. The source texts are Chinese; others come from resources/i18n/<language>.qm."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

from resources import ROOT


def load_language(app: QCoreApplication, language: str, folder: Path | None = None) -> list[QTranslator]:
    """Install the translators of `zh` or `en`; answers them (the caller keeps them alive)."""
    wanted = [(Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)), "qtbase_zh_CN")]
    if language != "zh":
        wanted = [(folder or ROOT / "i18n", language)]
    made: list[QTranslator] = []
    for place, name in wanted:
        translator = QTranslator()
        if translator.load(name, str(place)) and app.installTranslator(translator):
            made.append(translator)
    return made
