"""Fish Fillets' dialogues in Dutch, by two other actors."""

from __future__ import annotations

from edgekit.data.fillets import Fillets


class FilletsNl(Fillets):
    """`<level>/nl/<level>-<m|v>-<line>.ogg`; the lines of other characters are left out."""

    summary = "Some 1,350 acted lines in Dutch by two actors, a woman and a man."
    source = "the Debian package fillets-ng-data-nl, https://fillets.sourceforge.net"
    layout = "<folder>/<level>/nl/<level>-<m|v>-<line>.ogg"
    packages = ("fillets-ng-data-nl",)
    source_tag = "fillets-nl"
    language = "nl"


DATASET = FilletsNl()
