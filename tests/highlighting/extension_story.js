// Acts out VS Code and vscode-languageclient for the extension, and writes what it did as JSON.
// Given are [text, is ours] of files called *.dsl.

'use strict';

const fs = require('fs');
const path = require('path');
const Module = require('module');

const [, , extensionPath] = process.argv;
const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const story = { languages: [], started: [], untrusted: 0, restarted: 0, stopped: 0, message: '' };

const listeners = {};
const listen = (name) => (listener) => {
  listeners[name] = listener;
  return { dispose() {} };
};
const commands = {};
const values = { path: '/opt/bpfgen', arguments: ['--no-config'], inlayHints: true };
const documents = [];

const vscode = {
  languages: {
    async setTextDocumentLanguage(document, language) {
      document.languageId = language;
      await listeners.open(document);
    },
  },
  commands: {
    registerCommand(name, action) {
      commands[name] = action;
      return { dispose() {} };
    },
  },
  window: {
    showErrorMessage(message) {
      story.message = message;
    },
  },
  workspace: {
    isTrusted: false,
    textDocuments: documents,
    onDidOpenTextDocument: listen('open'),
    onDidGrantWorkspaceTrust: listen('trust'),
    onDidChangeConfiguration: listen('configuration'),
    getConfiguration: () => ({ get: (name, otherwise) => values[name] ?? otherwise }),
  },
};

let isBroken = false;
const clients = [];
class LanguageClient {
  constructor(id, name, server, client) {
    this.options = {
      command: server.command,
      args: server.args,
      selector: client.documentSelector,
      settings: client.initializationOptions,
    };
    clients.push(this);
  }

  async start() {
    if (isBroken) throw new Error('spawn ENOENT');
  }

  needsStop() {
    return true;
  }

  async stop() {
    story.stopped += 1;
  }
}

const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === 'vscode') return vscode;
  if (name === 'vscode-languageclient/node') return { LanguageClient };
  return load(name, ...rest);
};

const document = (name, text, languageId) => ({
  languageId,
  uri: { path: name, scheme: 'file' },
  getText: () => text,
});

async function main() {
  const extension = require(path.join(extensionPath, 'extension.js'));
  const context = { subscriptions: [] };
  documents.push(document('/w/first.bpfmap', '', 'bpfmap'));
  await extension.activate(context);
  story.untrusted = clients.length;

  vscode.workspace.isTrusted = true;
  await listeners.trust();
  for (const [text] of given) {
    const opened = document('/w/some.dsl', text, 'plaintext');
    await listeners.open(opened);
    story.languages.push(opened.languageId);
  }
  const other = document('/w/notes.txt', 'map m: hash;', 'plaintext');
  await listeners.open(other);
  if (other.languageId !== 'plaintext') throw new Error('notes.txt was taken');
  story.started = clients.map((client) => client.options);

  const before = clients.length;
  await commands['bpfgen.restart']();
  await listeners.configuration({ affectsConfiguration: (name) => name === 'bpfgen.path' });
  await listeners.configuration({ affectsConfiguration: (name) => name === 'editor.tabSize' });
  story.restarted = clients.length - before;

  isBroken = true;
  vscode.workspace.isTrusted = true;
  const stopped = story.stopped;
  await commands['bpfgen.restart']();
  await extension.deactivate();
  story.stopped = stopped;
  process.stdout.write(JSON.stringify(story));
}

main();
