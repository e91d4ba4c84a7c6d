// Reads a JSON list of texts from standard input; writes for each its tokens as [start, end, scopes].
const fs = require('fs');
const path = require('path');
const [, , grammarPath, modules] = process.argv;
const load = (name) => require(path.join(modules, name));
const { Registry, INITIAL, parseRawGrammar } = load('vscode-textmate');
const oniguruma = load('vscode-oniguruma');
const wasm = fs.readFileSync(path.join(modules, 'vscode-oniguruma', 'release', 'onig.wasm'));
async function main() {
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(grammarPath, 'utf8'), grammarPath),
  });
  const grammar = await registry.loadGrammar('source.bpfmap');
  const answers = JSON.parse(fs.readFileSync(0, 'utf8')).map((text) => {
    const tokens = [];
    let stack = INITIAL;
    let offset = 0;
    for (const line of text.split('\n')) {
      const result = grammar.tokenizeLine(line, stack);
      for (const token of result.tokens) {
        const scopes = token.scopes.slice(1);
        tokens.push([offset + token.startIndex, offset + token.endIndex, scopes]);
      }
      stack = result.ruleStack;
      offset += line.length + 1;
    }
    return tokens;
  });
  process.stdout.write(JSON.stringify(answers));
}
main();
