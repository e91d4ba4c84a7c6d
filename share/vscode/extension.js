// Starts `bpfgen lsp` for the first file of the language, and finds such files among `*.dsl`.

'use strict';

const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');
const { looksLikeSource } = require('./detection');

const LANGUAGE = 'bpfmap';
const SECTION = 'bpfgen';

/** The client; undefined while there is none. */
let client;
/** What is being done to it: one thing after another. */
let pending = Promise.resolve();

function settings() {
  return vscode.workspace.getConfiguration(SECTION);
}

/** Whether `document` is a `.dsl` that nothing else claims and that begins like one of ours. */
function isOurs(document) {
  return (
    document.languageId === 'plaintext' &&
    document.uri.path.endsWith('.dsl') &&
    settings().get('recognizeDsl', true) &&
    looksLikeSource(document.getText())
  );
}

/** Returns a promise of `document` having its language, and of a server being there for it. */
async function opened(document) {
  if (isOurs(document)) {
    await vscode.languages.setTextDocumentLanguage(document, LANGUAGE); // it is opened once more
  } else if (document.languageId === LANGUAGE && document.uri.scheme === 'file') {
    await inTurn(start);
  }
}

function inTurn(action) {
  pending = pending.then(action, action);
  return pending;
}

async function start() {
  if (client !== undefined || !vscode.workspace.isTrusted) return;
  const command = settings().get('path', '') || 'bpfgen';
  const args = ['lsp', ...settings().get('arguments', [])];
  const candidate = new LanguageClient(
    SECTION,
    'bpfgen',
    { command, args },
    {
      documentSelector: [{ scheme: 'file', language: LANGUAGE }],
      initializationOptions: {
        inlayHints: settings().get('inlayHints', false),
        clang: settings().get('clang', true),
        trustProject: vscode.workspace.isTrusted,
      },
      synchronize: { configurationSection: SECTION },
    },
  );
  client = candidate;
  try {
    await candidate.start();
  } catch (error) {
    client = undefined;
    const advice = "pip install 'bpfgen[lsp]', or set `bpfgen.path`";
    vscode.window.showErrorMessage(`\`${command} lsp\` can't be started: ${error.message}; ${advice}`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running !== undefined && running.needsStop()) await running.stop();
}

async function restart() {
  await stop();
  if (vscode.workspace.textDocuments.some((document) => document.languageId === LANGUAGE)) {
    await start();
  }
}

function activate(context) {
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.commands.registerCommand('bpfgen.restart', () => inTurn(restart)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => inTurn(restart)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const names = ['path', 'arguments'].map((name) => `${SECTION}.${name}`);
      if (names.some((name) => event.affectsConfiguration(name))) return inTurn(restart);
      return undefined;
    }),
  );
  return Promise.all(vscode.workspace.textDocuments.map(opened));
}

function deactivate() {
  return inTurn(stop);
}

module.exports = { activate, deactivate };
