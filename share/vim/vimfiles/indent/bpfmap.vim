" Vim indent file
" Language:	maps of BPF programs, as bpfgen compiles them
"
" As `bpfgen fmt` indents: once for each bracket that is open, whatever bracket it is.

if exists("b:did_indent")
  finish
endif
let b:did_indent = 1

setlocal autoindent
setlocal indentexpr=BpfmapIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],0>,!^F,o,O

let b:undo_indent = "setlocal autoindent< indentexpr< indentkeys<"

if exists("*BpfmapIndent")
  finish
endif

let s:cpo_save = &cpo
set cpo&vim

" Whether a comment, a string or a character is at a place.
function! s:IsText(line, column) abort
  let stack = map(synstack(a:line, a:column), 'synIDattr(synIDtrans(v:val), "name")')
  return match(stack, '\v^(Comment|SpecialComment|Todo|String|Character|PreProc)$') >= 0
endfunction

" How many brackets a line leaves open, and how many it closes that are open before it.
function! s:Brackets(line) abort
  let text = getline(a:line)
  let opened = 0
  let closed = 0
  let column = match(text, '[][{}()]')
  while column >= 0
    if !s:IsText(a:line, column + 1)
      if text[column] =~# '[[{(]'
        let opened += 1
      elseif opened > 0
        let opened -= 1
      else
        let closed += 1
      endif
    endif
    let column = match(text, '[][{}()]', column + 1)
  endwhile
  return [opened, closed]
endfunction

function! BpfmapIndent(line) abort
  let above = prevnonblank(a:line - 1)
  while above > 0 && s:IsText(above, 1) && s:IsText(above, match(getline(above), '\S') + 1)
        \ && getline(above) !~# '^\s*/[/*]'
    let above = prevnonblank(above - 1)
  endwhile
  if above == 0
    return 0
  endif
  if s:IsText(a:line, 1) && getline(a:line) =~# '^\s*\*'
    return indent(above) + (getline(above) =~# '^\s*/\*')
  endif
  let [opened, closed] = s:Brackets(above)
  " What a line closes at its beginning it is indented for already.
  let leading = strlen(substitute(matchstr(getline(above), '^\s*\zs[]})][]}) ]*'), ' ', '', 'g'))
  let depth = (opened > 0) - (closed > leading)
  if getline(a:line) =~# '^\s*[]})]'
    let depth -= 1
  endif
  return max([0, indent(above) + depth * shiftwidth()])
endfunction

let &cpo = s:cpo_save
unlet s:cpo_save
