export const STYLE = `
:root { color-scheme: light dark; --ink: #222; --paper: #fffdf8; --accent: #1d4f5c; --on: #fff; --line: #b9b2a3 }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #191816; --accent: #8fd0de; --on: #0b2127; --line: #6d675b } }
body { margin: 0 auto; max-width: 40rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.7 system-ui, 'Hiragino Sans', 'Noto Sans CJK JP', sans-serif }
.button { display: inline-block; box-sizing: border-box; padding: .8rem 1.4rem; border-radius: .6rem; border: 2px solid var(--accent);
  background: var(--accent); color: var(--on); font: inherit; font-weight: 700; text-decoration: none; cursor: pointer }
.quiet { background: transparent; color: inherit }
a { color: var(--accent) } a.button { color: var(--on) }
:focus-visible { outline: 3px solid #b35c00; outline-offset: 2px }
.sub { font-size: 1.1rem; overflow-wrap: anywhere }
label { font-weight: 700 } input { display: block; box-sizing: border-box; width: 100%; margin: .3rem 0 1rem; padding: .7rem;
  border: 2px solid var(--line); border-radius: .5rem; background: transparent; color: inherit; font: inherit }
table { width: 100%; border-collapse: collapse; table-layout: fixed } caption { text-align: start; padding: .5rem 0; font-weight: 700 }
th, td { text-align: start; vertical-align: top; padding: .5rem; border-top: 1px solid var(--line); overflow-wrap: anywhere }
th { width: 32% }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; margin: 1.5rem 0 }
hr { border: 0; border-top: 1px solid var(--line); margin: 2.5rem 0 1rem }
`
