/**
 * For a constructable stylesheet: a site's `style-src` has nothing to say about it. Contrast 7 : 1 or better. The message has the colour
 * and the font of the site's own text: only the site knows what lies behind it.
 */
export const STYLE = `
:host{display:inline-block;max-width:100%;vertical-align:middle;--ink:#fff;--face:#1d4f5c;--ring:#b35c00}
:host([hidden]){display:none}
:host([theme=light]){color-scheme:light}
:host([theme=dark]){color-scheme:dark;--ink:#0b2127;--face:#8fd0de;--ring:#ffb85c}
@supports(color:light-dark(#000,#fff)){
:host{--ink:light-dark(#fff,#0b2127);--face:light-dark(#1d4f5c,#8fd0de);--ring:light-dark(#b35c00,#ffb85c)}
}
[part=button]{box-sizing:border-box;display:inline-flex;align-items:center;justify-content:center;gap:.6em;max-width:100%;min-height:3rem;margin:0;padding:.45em 1.15em;border:2px solid var(--face);border-radius:.6em;background:var(--face);color:var(--ink);font:700 1rem/1.35 system-ui,-apple-system,'Hiragino Sans','Noto Sans CJK JP','Noto Sans JP',Meiryo,sans-serif;text-align:start;text-decoration:none;cursor:pointer}
:host([size=small]) [part=button]{min-height:2.25rem;font-size:.875rem}
:host([size=large]) [part=button]{min-height:3.75rem;font-size:1.25rem}
[part=button]:hover{box-shadow:inset 0 0 0 99px #8883}
[part=button]:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
[part=mark]{flex:none;width:1.6em;height:1.6em;stroke:currentColor;stroke-width:2.4;stroke-linecap:round}
[part=label]{display:grid;align-items:center}
.easy{word-break:keep-all!important}
[part=label]>*{grid-area:1/1;line-break:strict;word-break:auto-phrase}
:host([busy]) [part=button]{cursor:progress}
:host([busy]) .idle,:host(:not([busy])) .busy{visibility:hidden}
:host([busy]) path{stroke-dasharray:4 5}
[part=message]{margin:.6em 0 0;padding-inline-start:.7em;border-inline-start:4px solid;font-size:1rem;line-height:1.5;word-break:auto-phrase}
[part=message]:empty{display:none}
[role=status]{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(prefers-reduced-motion:no-preference){
:host([busy]) path{animation:pass .9s linear infinite}
@keyframes pass{to{stroke-dashoffset:-18}}
}
@media(prefers-contrast:more){
:host{--ink:#fff;--face:#000;--ring:#000}
:host([theme=dark]){--ink:#000;--face:#fff;--ring:#fff}
@supports(color:light-dark(#000,#fff)){:host{--ink:light-dark(#fff,#000);--face:light-dark(#000,#fff);--ring:var(--face)}}
}
@media(forced-colors:active){
[part=button]{border-color:ButtonText;background:ButtonFace;color:ButtonText}
[part=button]:hover{border-color:Highlight;box-shadow:none}
[part=button]:focus-visible{outline-color:Highlight}
}`
