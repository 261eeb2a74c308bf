/** The style of the page of `mesh graph -o html`. */
export const pageStyle: string = `
:root { color-scheme: light dark; --back: #f7f8fa; --paper: #ffffff; --ink: #1c2430; --soft: #5d6b7c; --line: #d9dfe7; --accent: #2f6fde;
  --allowed: #2e8b57; --partly: #c77700; --denied: #cf3a3a; --passthrough: #7b61c9; --unreachable: #a3adb9; }
:root[data-theme=dark] { --back: #12171e; --paper: #1b222c; --ink: #e6ebf2; --soft: #93a1b3; --line: #2f3a48; --accent: #6ea0ff;
  --allowed: #4cc38a; --partly: #f0a63a; --denied: #f26d6d; --passthrough: #a994f0; --unreachable: #5f6b7a; }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / 1fr 340px; background: var(--back); color: var(--ink);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 10px 16px;
  background: var(--paper); border-bottom: 1px solid var(--line); }
h1 { font-size: 16px; margin: 0; } h2 { font-size: 15px; margin: 0 0 4px; overflow-wrap: anywhere; } h3 { font-size: 13px; margin: 14px 0 4px; }
header .counts { color: var(--soft); }
input[type=search], select, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 6px; padding: 4px 9px; }
input[type=search] { width: 190px; }
button { cursor: pointer; } button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: #fff; }
.group { display: flex; gap: 4px; } .grow { flex: 1; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 12px; } .legend label { display: flex; gap: 5px; align-items: center; cursor: pointer; }
.legend i { width: 18px; height: 0; border-top: 3px solid; display: inline-block; } .legend i.dashed { border-top-style: dashed; }
main { position: relative; overflow: hidden; min-width: 0; min-height: 0; }
svg { width: 100%; height: 100%; display: block; cursor: grab; touch-action: none; } svg.dragging { cursor: grabbing; }
.box rect { fill: var(--paper); stroke: var(--line); } .box text { fill: var(--soft); font-size: 12px; font-weight: 600; }
.node rect { fill: var(--back); stroke: var(--soft); stroke-width: 1.2; } .node text { fill: var(--ink); font-size: 13px; } .node .kind { fill: var(--soft); font-size: 10.5px; }
.node { cursor: pointer; } .node.gateway rect { stroke: var(--accent); stroke-width: 2; } .node.external rect, .node.outside rect { stroke-dasharray: 4 3; }
.node:hover rect, .node.chosen rect, .node:focus rect { stroke: var(--accent); stroke-width: 2.5; } .node:focus { outline: none; }
.edge { fill: none; stroke-width: 1.8; cursor: pointer; opacity: .55; } .edge.secured { stroke-width: 2.4; } .edge.dashed { stroke-dasharray: 6 4; }
.edge:hover, .edge.chosen { opacity: 1; stroke-width: 4; }
.focused .edge:not(.near) { opacity: .05; } .focused .node:not(.near) { opacity: .3; } .focused .edge.near { opacity: .95; }
.faded { opacity: .15; }
.tools { position: absolute; right: 12px; bottom: 12px; display: flex; gap: 4px; }
.matrix { position: absolute; inset: 0; overflow: auto; padding: 12px; }
table { border-collapse: separate; border-spacing: 2px; } 
.matrix th { font-weight: 500; text-align: right; padding: 2px 8px; position: sticky; left: 0; background: var(--back); white-space: nowrap; z-index: 1; }
.matrix thead th { position: sticky; top: 0; left: auto; height: 170px; vertical-align: bottom; padding: 4px 0; z-index: 2; }
.matrix thead th:first-child { left: 0; z-index: 3; vertical-align: bottom; text-align: right; color: var(--soft); padding: 4px 8px; }
.matrix thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 165px; overflow: hidden; text-overflow: ellipsis; }
.matrix td { width: 26px; min-width: 26px; height: 26px; border-radius: 5px; background: var(--paper); text-align: center; font-size: 12px; color: #fff; }
.matrix td.full { cursor: pointer; } .matrix td.full:hover, .matrix td.chosen { outline: 3px solid var(--accent); } .matrix .lit { color: var(--accent); }
aside { overflow: auto; padding: 14px 16px; background: var(--paper); border-left: 1px solid var(--line); }
aside .soft, .soft { color: var(--soft); }
.way { border-left: 3px solid; padding: 3px 0 3px 10px; margin: 8px 0; overflow-wrap: anywhere; } .way b { font-weight: 600; } .way div { font-size: 13px; }
.way code { font: 12px ui-monospace, Menlo, Consolas, monospace; background: var(--back); border-radius: 4px; padding: 0 4px; }
a { color: var(--accent); cursor: pointer; text-decoration: none; } a:hover { text-decoration: underline; }
#tip { position: fixed; pointer-events: none; background: var(--ink); color: var(--paper); padding: 4px 9px; border-radius: 6px; font-size: 12px; max-width: 420px; z-index: 9; }
[hidden] { display: none !important; }
@media (max-width: 800px) { body { grid-template: auto 1fr 35vh / 1fr; } aside { border-left: 0; border-top: 1px solid var(--line); } }
`;
