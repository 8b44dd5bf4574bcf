"""Help an editor while YAML is typed: ``callwright lsp``, a language server on standard input and output.

Findings come at once for the file that is typed, and a moment later for the whole bundle.
Source: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

import asyncio
import gc
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import click
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from engine.checks.fixes import safe_edits
from engine.source.finding import Finding, Level
from engine.source.read import read_folder
from engine.source.span import Span
from engine.views.typing.help import Uses, declared, hover, offers
from engine.views.typing.names import Names, names_of
from engine.views.typing.quick import Quick
from tools.lsp_whole import Checked

PAUSE = 0.4
"""Seconds without typing after which the whole bundle is compiled."""

_SEVERITY = {
    Level.ERROR: types.DiagnosticSeverity.Error, Level.WARNING: types.DiagnosticSeverity.Warning,
    Level.NOTE: types.DiagnosticSeverity.Information,
}
_ITEM = {
    "state": types.CompletionItemKind.Class, "intent": types.CompletionItemKind.Event,
    "event": types.CompletionItemKind.Event,
    "prompt": types.CompletionItemKind.Text, "fact": types.CompletionItemKind.Variable,
    "setting": types.CompletionItemKind.Property,
}


@dataclass
class Desk:
    """One bundle as it is being edited. Lives as long as the server."""

    root: Path
    texts: dict[PurePosixPath, str] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names({}))
    uses: Uses = field(default_factory=Uses)
    quick: Quick = field(default_factory=Quick)
    whole: dict[PurePosixPath, tuple[Finding, ...]] = field(default_factory=dict)
    shown: dict[PurePosixPath, tuple[Finding, ...]] = field(default_factory=dict)

    def read(self) -> None:
        """Read the folder afresh."""
        sources = read_folder(self.root)
        self.texts = dict(sources.texts)
        self.names = names_of(sources.documents)

    def typed(self, path: PurePosixPath, text: str) -> tuple[Finding, ...]:
        """Return what is wrong with one file at once, with what the whole bundle last said of the lines as they are."""
        before = self.texts.get(path, "").split("\n")
        self.texts[path] = text
        after = text.split("\n")
        found = self.quick.findings(text, path, self.names)
        seen = {(f.span.line, f.message) for f in found}
        kept = tuple(
            f for f in self.whole.get(path, ())
            if _same_line(before, after, f.span.line) and (f.span.line, f.message) not in seen
            and not any(f.span.line == g.span.line and f.rule == g.rule for g in found)
        )
        self.shown[path] = (*found, *kept)
        return self.shown[path]

    def take(self, checked: Checked) -> dict[PurePosixPath, tuple[Finding, ...]]:
        """Take in what a look at the whole bundle found; return it by file."""
        self.names = _newest(self.names, checked)
        self.uses = checked.uses or self.uses
        by: dict[PurePosixPath, list[Finding]] = {path: [] for path in self.texts}
        for finding in checked.findings:
            by.setdefault(finding.span.path, []).append(finding)
        self.whole = {path: tuple(findings) for path, findings in by.items()}
        self.shown = dict(self.whole)
        return self.whole


def _newest(old: Names, checked: Checked) -> Names:
    """Return the names that were found; a file that cannot be read now keeps those it had."""
    merged = {sort: dict(found) for sort, found in checked.names.by_sort.items()}
    for sort, found in old.by_sort.items():
        for name, named in found.items():
            if named.span.path not in checked.taken:
                merged.setdefault(sort, {}).setdefault(name, named)
    return Names(merged)


def _same_line(before: list[str], after: list[str], line: int) -> bool:
    return line <= len(before) and line <= len(after) and before[line - 1] == after[line - 1]


def serve(root: Path) -> LanguageServer:
    """Return a language server for the bundle in *root*."""
    server = LanguageServer("callwright", "1")
    desk = Desk(root.resolve())
    desk.read()
    pending: list[asyncio.Task[None]] = []

    def place(uri: str) -> PurePosixPath | None:
        path = to_fs_path(uri)
        if path is None or not Path(path).resolve().is_relative_to(desk.root):
            return None
        return PurePosixPath(Path(path).resolve().relative_to(desk.root).as_posix())

    def uri_of(path: PurePosixPath) -> str:
        return from_fs_path(str(desk.root / path)) or ""

    def publish(path: PurePosixPath, findings: Iterable[Finding]) -> None:
        lines = desk.texts.get(path, "").split("\n")
        shown = [_diagnostic(finding, lines, uri_of) for finding in findings]
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri_of(path), shown))

    def later(*, saved: bool) -> None:
        for task in pending:
            task.cancel()
        pending[:] = [asyncio.ensure_future(whole(saved=saved))]

    async def whole(*, saved: bool) -> None:
        await asyncio.sleep(0 if saved else PAUSE)
        before = dict(desk.texts)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tools.lsp_whole", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        try:
            out, _ = await child.communicate(pickle.dumps((before, saved)))
        finally:
            if child.returncode is None:
                child.kill()
        if child.returncode == 0 and before == desk.texts:
            for path, findings in desk.take(pickle.loads(out)).items():
                publish(path, findings)
            _settle()

    def typed(uri: str) -> None:
        path = place(uri)
        if path is not None:
            publish(path, desk.typed(path, server.workspace.get_text_document(uri).source))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        typed(params.text_document.uri)
        later(saved=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        typed(params.text_document.uri)
        later(saved=False)

    @server.feature(types.SHUTDOWN)
    def ended(params: None) -> None:
        for task in pending:
            task.cancel()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        later(saved=True)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", ":", "[", ".", ","])
    )
    def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
        text = server.workspace.get_text_document(params.text_document.uri).source
        at = params.position
        return [
            types.CompletionItem(
                label=o.name, kind=_ITEM.get(o.sort, types.CompletionItemKind.Value), detail=o.sort,
                documentation=o.about or None, insert_text=f"{o.name}: " if o.sort == "setting" else o.name,
            )
            for o in offers(text, at.line, at.character, desk.names)
        ]

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def told(params: types.HoverParams) -> types.Hover | None:
        text = server.workspace.get_text_document(params.text_document.uri).source
        found = hover(text, params.position.line, params.position.character, desk.names, desk.uses)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found)) if found else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        text = server.workspace.get_text_document(params.text_document.uri).source
        found = declared(text, params.position.line, params.position.character, desk.names)
        return [
            types.Location(uri_of(named.span.path), _range(named.span, desk.texts.get(named.span.path, "").split("\n")))
            for named in found
        ]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def mend(params: types.CodeActionParams) -> list[types.CodeAction]:
        path = place(params.text_document.uri)
        if path is None:
            return []
        lines = desk.texts.get(path, "").split("\n")
        actions = []
        for finding in desk.shown.get(path, ()):
            edits = finding.edits or safe_edits(finding, desk.texts)
            if not edits or not params.range.start.line <= finding.span.line - 1 <= params.range.end.line:
                continue
            changes = {params.text_document.uri: [types.TextEdit(_range(e.span, lines), e.text) for e in edits]}
            actions.append(
                types.CodeAction(
                    title=finding.help or "mend it", kind=types.CodeActionKind.QuickFix, is_preferred=True,
                    edit=types.WorkspaceEdit(changes=changes), diagnostics=[_diagnostic(finding, lines, uri_of)],
                )
            )
        return actions

    del opened, changed, saved, ended, complete, told, definition, mend
    return server


def _diagnostic(finding: Finding, lines: list[str], uri_of: Callable[[PurePosixPath], str]) -> types.Diagnostic:
    told = (("mend", finding.help), ("why", finding.why))
    parts = [finding.message, *(f"{label}: {text}" for label, text in told if text)]
    return types.Diagnostic(
        range=_range(finding.span, lines), message="\n".join(parts), severity=_SEVERITY[finding.level],
        code=finding.rule, source="callwright",
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(uri_of(note.span.path), _range(note.span, lines)), note.message
            )
            for note in finding.notes
        ] or None,
    )


def _settle() -> None:
    """Collect garbage while nothing is typed, and look no more at what stays: a collection in mid-word is felt."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _range(span: Span, lines: list[str]) -> types.Range:
    """Return *span* as the protocol counts: from 0, in UTF-16 units."""
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    start = _units(line[: span.column - 1])
    end = _units(line[: span.column - 1 + span.width])
    return types.Range(types.Position(span.line - 1, start), types.Position(span.line - 1, max(end, start + 1)))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@click.command()
@click.option("--bundle", "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="The bundle that is edited. Default: the current directory.")  # fmt: skip
def lsp(folder: Path | None) -> None:
    """Serve an editor: findings as you type, completion, what a name is and where it is declared, and safe mends."""
    server = serve(folder or Path.cwd())
    _settle()
    server.start_io()
