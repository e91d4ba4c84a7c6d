" Vim indent file
" Language:	maps of BPF programs, as bpfgen compiles them
"
" As `bpfgen fmt` indents: once for what is in brackets, and for what goes on on another line.

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

let s:roles = {}

" The group of bpfmap's at a place: an item of the syntax is linked to one.
function! s:Group(line, column) abort
  let name = synIDattr(synID(a:line, a:column, 0), 'name')
  if name !~# '^bpfmap_\d'
    return name
  endif
  if !has_key(s:roles, name)
    let s:roles[name] = matchstr(execute('highlight ' .. name), 'links to \zs\S\+')
  endif
  return s:roles[name]
endfunction

" Whether a comment, a line of the preprocessor, a string or a character is at a place.
function! s:IsText(line, column) abort
  return s:Group(a:line, a:column)
        \ =~# '^bpfmap\%(Comment\|Doc\|Allowance\|Preprocessor\|String\|Character\)$'
endfunction

" A line without its comments, and with x for each character of its strings.
function! s:Code(line) abort
  let text = getline(a:line)
  " To ask for groups takes long.
  if text =~# '^\%([^"''/#*]\|\*/\@!\|/[/*]\@!\)*\%(//.*\)\?$'
    return trim(substitute(text, '//.*', '', ''))
  endif
  let code = ''
  for column in range(1, strlen(text))
    let group = s:Group(a:line, column)
    let code ..= group =~# '^bpfmap\%(String\|Character\)$' ? 'x'
          \ : s:IsText(a:line, column) ? ' ' : text[column - 1]
  endfor
  return trim(code)
endfunction

" The last line above one that has code; 0 if there is none.
function! s:Above(line) abort
  let above = prevnonblank(a:line - 1)
  while above > 0
    if getline(above) =~# '\*/' && getline(above) !~# '/\*.*\*/'
      while above > 1 && getline(above) !~# '/\*'
        let above -= 1
      endwhile
    endif
    if s:Code(above) !=# ''
      break
    endif
    let above = prevnonblank(above - 1)
  endwhile
  return above
endfunction

" Whether a bracket is at a place: `<` and `>` are some where they stand around types.
function! s:IsBracket(line, column) abort
  return getline(a:line)[a:column - 1] !~# '[<>]'
        \ ? !s:IsText(a:line, a:column)
        \ : s:Group(a:line, a:column) ==# 'bpfmapPunctuation'
endfunction

" So many lines above one are looked at.
let s:most = 40

" What is open is a list of frames, each with the level of the line that closes
" it, that of what it holds, that of a line that goes on with that, and whether it is a brace.
function! BpfmapIndent(line) abort
  let before = getline(a:line - 1)
  if before !~# '\*/\s*$\|^\s*\%(//\|#\)' && s:IsText(a:line - 1, strlen(before))
        \ && s:IsText(a:line - 1, match(before, '\S') + 1)
    return indent(a:line - 1) + (before =~# '^\s*/\*')
  endif
  let lines = []
  let above = s:Above(a:line)
  if above == 0
    return 0
  endif
  " Where what the line belongs to begins.
  while 1
    call insert(lines, above)
    let before = s:Above(above)
    if before == 0 || s:Code(before) =~# '[;{}]$' || len(lines) >= s:most
      break
    endif
    let above = before
  endwhile
  let width = shiftwidth()
  let level = indent(lines[0]) / width
  let frames = [[level - 1, level, level + 1, 1]]
  let ended = 1
  let is_first = 1
  for line in lines + [a:line]
    let code = line == a:line ? trim(getline(line)) : s:Code(line)
    let top = frames[-1]
    if !is_first
      let level = code =~# '^[]})>]' ? top[0] : top[3] && !ended ? top[2] : top[1]
    endif
    if line == a:line
      return max([0, level * width])
    endif
    let text = getline(line)
    let column = match(text, '[][{}()<>]')
    " What the first line closes at its beginning it is indented for already.
    let leading = is_first ? matchend(text, '^[ \t]*[]})>]\+') : -1
    while column >= 0
      if column >= leading && s:IsBracket(line, column + 1)
        if text[column] ==# '{'
          let base = frames[-1][3] ? frames[-1][1] : level
          call add(frames, [base, base + 1, base + 2, 1])
        elseif text[column] =~# '[[(<]'
          let further = strpart(text, 0, column) =~# '\<when\s*$' && text[column + 1 :] =~# '\S'
          call add(frames, [level, level + 1 + further, level + 1 + further, 0])
        elseif len(frames) > 1
          call remove(frames, -1)
        else
          let base = frames[0][0]
          let frames = [[base - 1, base, base + 1, 1]]
        endif
      endif
      let column = match(text, '[][{}()<>]', column + 1)
    endwhile
    let ended = code =~# '[;{}]$' || code =~# ',$' && frames[-1][3]
    let is_first = 0
  endfor
endfunction

let &cpo = s:cpo_save
unlet s:cpo_save
