import type { Access, GraphNode } from '../../operations/reachability/graph.ts';
import { groupBy } from '../../util/collections.ts';
import { dot, type Mermaid, mermaid } from '../escape/graphs.ts';
import { joined, type Printable, printed } from '../escape/printable.ts';
import { accessWords, type WordedEdge, type WordedGraph } from './words.ts';

/** One line between two nodes of a drawing, for all their ports with the same result. */
interface Line {
  readonly from: string;
  readonly to: string;
  readonly access: Access;
  readonly label: string;
}

/** Lines of a drawing; what cannot be reached has none, if that is known. */
function linesOf({ edges }: WordedGraph): readonly Line[] {
  const lines = new Map<string, { readonly edge: WordedEdge; readonly to: string; readonly ports: Set<string> }>();
  for (const edge of edges) {
    if (edge.access === 'unreachable' && edge.gaveUp === undefined) continue;
    for (const to of edge.to) {
      const key = [edge.from, to, edge.access, edge.tls, ...demandsOf(edge)].join('\n');
      const line = lines.get(key) ?? { edge, to, ports: new Set() };
      lines.set(key, line);
      line.ports.add(String(edge.port));
    }
  }
  return [...lines.values()].map(({ edge, to, ports }) => {
    const { from, access, tls } = edge;
    const words = accessWords(edge);
    const parts = [[...ports].join(', '), words === 'allowed' ? '' : words, tls].filter((part) => part !== '');
    return { from, to, access, label: [parts.join(' '), ...demandsOf(edge)].join('; ') };
  });
}

/** What a line says beside its ports. */
function demandsOf({ needs = [], gaveUp }: WordedEdge): readonly string[] {
  return [...(needs.length === 0 ? [] : [needs.join(', or ')]), ...(gaveUp === undefined ? [] : [gaveUp])];
}

/** The lines of nodes, by cluster, where there are several, and by namespace; `grouped` puts lines into a group. */
function groupedLines<T>(
  nodes: readonly GraphNode[],
  lineOf: (node: GraphNode) => T,
  grouped: (name: string, lines: readonly T[]) => readonly T[],
): readonly T[] {
  const within = (members: readonly GraphNode[]): readonly T[] =>
    [...groupBy(members, ({ namespace }) => namespace)].flatMap(([namespace, some]) => {
      const lines = some.map(lineOf);
      return namespace === '' ? lines : grouped(namespace, lines);
    });
  return [...groupBy(nodes, ({ cluster = '' }) => cluster)].flatMap(([cluster, members]) => {
    const lines = within(members);
    return cluster === '' ? lines : grouped(cluster, lines);
  });
}

/** A Mermaid flowchart. */
export function formatGraphMermaid(graph: WordedGraph): Printable {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, mermaid`n${index}`]));
  const idOf = (id: string): Mermaid => ids.get(id) ?? mermaid`unknown`;
  let group = 0;
  const shapes = groupedLines(
    graph.nodes,
    ({ id, name, kind }) => {
      if (kind === 'gateway') return mermaid`${idOf(id)}{{"${name}"}}`;
      return kind === 'external' ? mermaid`${idOf(id)}(["${name}"])` : mermaid`${idOf(id)}["${name}"]`;
    },
    (name, inner) => [mermaid`subgraph g${group++}["${name}"]`, ...inner.map((line) => mermaid`  ${line}`), mermaid`end`],
  );
  const lines = [mermaid`flowchart LR`, ...shapes.map((line) => mermaid`  ${line}`)];
  const arrows: Readonly<Record<Access, Mermaid>> = {
    allowed: mermaid`-->`,
    partly: mermaid`-.->`,
    denied: mermaid`--x`,
    passthrough: mermaid`-.->`,
    unreachable: mermaid`--x`,
  };
  for (const { from, to, access, label } of linesOf(graph)) {
    lines.push(mermaid`  ${idOf(from)} ${arrows[access]}|"${label}"| ${idOf(to)}`);
  }
  return printed(mermaid`${joined(lines)}\n`);
}

const colors: Readonly<Record<Access, string>> = {
  allowed: '#2e7d32',
  partly: '#b26a00',
  denied: '#c62828',
  passthrough: '#6a6a6a',
  unreachable: '#9e9e9e',
};

/** A graph for Graphviz. */
export function formatGraphDot(graph: WordedGraph): Printable {
  let group = 0;
  const shapes = groupedLines(
    graph.nodes,
    ({ id, name, kind }) => {
      const shape = kind === 'gateway' ? dot`, shape=hexagon` : kind === 'external' ? dot`, shape=ellipse` : '';
      return dot`"${id}" [label="${name}"${shape}];`;
    },
    (name, inner) => [
      dot`subgraph cluster_${group++} {`,
      dot`  label="${name}";`,
      ...inner.map((line) => dot`  ${line}`),
      dot`}`,
    ],
  );
  const lines = [
    dot`digraph mesh {`,
    dot`  rankdir=LR;`,
    dot`  node [shape=box, style=rounded, fontname="sans-serif"];`,
    dot`  edge [fontname="sans-serif", fontsize=10];`,
    ...shapes.map((line) => dot`  ${line}`),
  ];
  for (const { from, to, access, label } of linesOf(graph)) {
    const style = access === 'partly' || access === 'passthrough' ? dot`, style=dashed` : '';
    const head = access === 'denied' ? dot`, arrowhead=tee` : '';
    lines.push(dot`  "${from}" -> "${to}" [label="${label}", color="${colors[access]}"${style}${head}];`);
  }
  return printed(dot`${joined(lines)}\n}\n`);
}
