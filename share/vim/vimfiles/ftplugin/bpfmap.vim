" Vim filetype plugin
" Language:	maps of BPF programs, as bpfgen compiles them

if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

" Four spaces, as `bpfgen fmt` has them.
setlocal expandtab shiftwidth=4 softtabstop=4
setlocal commentstring=//\ %s
setlocal comments=sO:*\ -,mO:*\ \ ,exO:*/,s1:/*,mb:*,ex:*/,:///,://
setlocal formatoptions-=t formatoptions+=croql
setlocal matchpairs+=<:>
setlocal iskeyword=@,48-57,_
setlocal include=^\\s*\\%(import\\\|include\\)\\>
setlocal define=^\\s*\\%(const\\\|map\\\|template\\\|struct\\\|union\\\|enum\\)\\>
setlocal suffixesadd=.bpfmap,.dsl

let b:undo_ftplugin = "setlocal expandtab< shiftwidth< softtabstop< commentstring< comments<"
      \ .. " formatoptions< matchpairs< iskeyword< include< define< suffixesadd<"

if exists("loaded_matchit") && !exists("b:match_words")
  let b:match_words = '\<when\>:\<else\>'
  let b:match_ignorecase = 0
  let b:undo_ftplugin ..= " | unlet! b:match_words b:match_ignorecase"
endif
