-- Neovim's own client and `bpfgen lsp`, end to end: what a user does in an afternoon, in one run.
-- vim.g.given has the command; what came of each step is left in vim.g.answer.

local answer = {}

local function wait_for(what, condition)
  local is_there = vim.wait(60000, condition, 20)
  if not is_there then
    error('waited in vain for ' .. what)
  end
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

vim.cmd('edit maps.bpfmap')
answer.filetype = vim.bo.filetype
local buffer = vim.api.nvim_get_current_buf()
local options = { name = 'bpfgen', cmd = vim.g.given, root_dir = vim.fn.getcwd() }
local id = vim.lsp.start and vim.lsp.start(options) or vim.lsp.start_client(options)
vim.lsp.buf_attach_client(buffer, id)
wait_for('the server', function()
  local client = vim.lsp.get_client_by_id(id)
  return client ~= nil and client.initialized
end)
local encoding = vim.lsp.get_client_by_id(id).offset_encoding

local function ask(method, members)
  local params = vim.tbl_extend('force', { textDocument = { uri = vim.uri_from_bufnr(0) } }, members)
  local replies, problem = vim.lsp.buf_request_sync(0, method, params, 60000)
  if replies == nil then
    error(method .. ': ' .. tostring(problem))
  end
  local reply = replies[id]
  if reply == nil or reply.err or reply.error then
    error(method .. ': ' .. vim.inspect(reply))
  end
  return reply.result
end

local function at(line, text)
  local column = string.find(lines()[line], text, 1, true)
  return { position = { line = line - 1, character = column - 1 } }
end

local function messages()
  return vim.tbl_map(function(one)
    return { one.code, one.lnum + 1, one.col + 1 }
  end, vim.diagnostic.get(0))
end

local function edit(changes)
  vim.lsp.util.apply_workspace_edit(changes, encoding)
end

-- Open: nothing is wrong. Type: a kind that there isn't.
answer.opened = messages()
vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', 'map   broken: hsah<flow_key,__u64>[ 16 ];' })
wait_for('a diagnostic', function()
  return #messages() > 0
end)
answer.typed = messages()

-- Apply the fix.
local place = at(#lines(), 'hsah').position
local actions = ask('textDocument/codeAction', {
  range = { start = place, ['end'] = place },
  context = {
    diagnostics = vim.tbl_map(function(one)
      return {
        range = {
          start = { line = one.lnum, character = one.col },
          ['end'] = { line = one.end_lnum, character = one.end_col },
        },
        message = one.message,
        severity = one.severity,
        code = one.code,
        source = one.source,
      }
    end, vim.diagnostic.get(0)),
  },
})
for _, action in ipairs(actions) do
  if action.kind == 'quickfix' and action.edit and not answer.fix then
    answer.fix = action.title
    edit(action.edit)
  end
end
wait_for('no diagnostic', function()
  return #messages() == 0
end)
answer.fixed = lines()[#lines()]

-- Hover and complete.
answer.hover = ask('textDocument/hover', at(3, 'flow_key')).contents.value
vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'map next: lru_' })
local items = ask('textDocument/completion', {
  position = { line = #lines() - 1, character = #lines()[#lines()] },
})
answer.completed = vim.tbl_map(function(item)
  return item.label
end, items.items or items)
vim.api.nvim_buf_set_lines(0, -2, -1, false, {})

-- Rename, here and in the file that is imported.
edit(ask('textDocument/rename', vim.tbl_extend('force', at(3, 'flow_key'), { newName = 'flow_id' })))
answer.renamed = lines()[3]
local other = vim.uri_to_bufnr(vim.uri_from_fname(vim.fn.getcwd() .. '/common.bpfmap'))
vim.fn.bufload(other)
vim.lsp.buf_attach_client(other, id) -- what a FileType autocommand does for a user
answer.elsewhere = vim.api.nvim_buf_get_lines(other, 0, 1, false)[1]

-- Format, and go to a definition.
local edits = ask('textDocument/formatting', { options = { tabSize = 8, insertSpaces = false } })
vim.lsp.util.apply_text_edits(edits, 0, encoding)
answer.formatted = lines()
local found = ask('textDocument/definition', at(3, 'flow_id'))
found = found[1] or found
answer.definition = vim.fs and vim.fs.basename(found.uri or found.targetUri)
  or vim.fn.fnamemodify(found.uri or found.targetUri, ':t')

-- The server ends with its editor.
local client = vim.lsp.get_client_by_id(id)
client.stop()
wait_for('the end', function()
  return client.is_stopped()
end)
vim.g.answer = answer
