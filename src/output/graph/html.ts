import type { Location } from '../../diagnostics/diagnostic.ts';
import type { GraphPlaces } from '../../operations/reachability/places.ts';
import { html, scriptData } from '../escape/html.ts';
import { escaped, type Printable, printed } from '../escape/printable.ts';
import pageScript from './page/script.js?raw';
import pageStyle from './page/style.css?raw';
import type { WordedGraph } from './words.ts';

/** What the page says besides the graph. */
export interface GraphPage {
  /** What the graph is of. */
  readonly title: string;
  readonly places: GraphPlaces;
}

/** One page that shows the graph, with all that it needs in itself; nothing is loaded from anywhere. */
export function formatGraphHtml(graph: WordedGraph, page: () => GraphPage): Printable {
  const { title, places } = page();
  return printed(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>Who can call whom: ${title}</title>
<style>${escaped(pageStyle)}</style>
</head>
<body>
<header>
<h1>Who can call whom</h1><span class="soft">${title}</span><span class="counts" id="counts"></span>
<input type="search" id="search" placeholder="name, port, policy..." aria-label="Search">
<select id="namespace" aria-label="Namespace"><option value="">all namespaces</option></select>
<span class="legend" id="legend"></span><span class="grow"></span>
<span class="group"><button data-view="drawing">Graph</button><button data-view="matrix">Matrix</button></span>
<button id="theme" title="light or dark">◐</button>
</header>
<main>
<svg id="drawing" role="img" aria-label="Workloads and who can call them"></svg>
<div class="matrix" id="matrix" hidden></div>
<div class="tools" id="tools"><button id="in" aria-label="closer">+</button><button id="out" aria-label="farther">−</button><button id="fit">fit</button></div>
</main>
<aside id="details" aria-live="polite"></aside>
<div id="tip" hidden></div>
<script type="application/json" id="data">${scriptData({ ...graph, places: { parties: inText(places.parties), policies: inText(places.policies) } })}</script>
<script>${escaped(pageScript)}</script>
</body>
</html>
`);
}

function inText(places: Readonly<Record<string, Location>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(places).map(([name, { file, line }]) => [name, `${file}:${line}`]));
}
