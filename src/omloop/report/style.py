"""How pages look."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--dim:#5d6b7c;--paper:#fff;--card:#f4f6f9;--line:#dde3ea;
--bar:#3b6fd4;--link:#2456b8;--warn:#a4480b;--warn-paper:#fdf1e4}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9f0;--dim:#96a3b4;--paper:#12161c;--card:#1b212a;--line:#2d3743;
--bar:#7fa8f5;--link:#9dbdf8;--warn:#f2b27a;--warn-paper:#33241a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{margin:0 0 .25rem;font-size:1.7rem}h2{margin:2.2rem 0 .7rem;font-size:1.2rem}
h3{margin:0 0 .3rem;font-size:.95rem}
p{margin:.3rem 0}.dim{color:var(--dim);font-size:.85rem}
.cards{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr))}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;min-width:0}
.big{font-size:1.5rem;font-weight:600}
.finding{border-left:4px solid var(--bar);background:var(--card);padding:.6rem .8rem;margin:.5rem 0;
border-radius:.3rem}
.warning{border-color:var(--warn);background:var(--warn-paper)}.warning b{color:var(--warn)}
svg{display:block;width:100%;height:4.5rem}rect{fill:var(--bar)}
.ends{display:flex;justify-content:space-between}
.bars{display:grid;grid-template-columns:fit-content(60%) minmax(2.5rem,1fr) auto;gap:.15rem .5rem;font-size:.85rem;
align-items:center}
.bars.long{grid-template-columns:1fr auto}.bars.long span:has(+i){grid-column:1/-1}
.bars i{display:block;height:.7rem;border-radius:.2rem;background:var(--bar)}
.previews{display:grid;gap:.6rem;grid-template-columns:repeat(auto-fill,minmax(4.8rem,1fr));align-items:start}
.previews.wide{grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr))}
.previews img{width:100%;border-radius:.3rem;image-rendering:auto;display:block}
.previews dl{margin:0;font-size:.8rem}.previews dl div{display:flex;justify-content:space-between;gap:.6rem}
.previews dt{color:var(--dim)}.previews dd{margin:0;text-align:right}
.previews p{font-size:.85rem}.previews.wide .card{max-height:40rem;overflow-y:auto}
details>summary{cursor:pointer;margin:.6rem 0;font-weight:600}
"""
