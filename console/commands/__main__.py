"""`python -m console.commands` prints the key card for the README."""

import sys

from console.commands.card import key_card_markdown

sys.stdout.write(key_card_markdown())
