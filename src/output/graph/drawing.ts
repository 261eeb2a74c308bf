import type { Access, GraphNode } from '../../operations/reachability/graph.ts';
import { addAll } from '../../util/collections.ts';
import { dot, type Mermaid, mermaid } from '../escape/graphs.ts';
import { joined, type Printable, printed } from '../escape/printable.ts';
import type { WordedEdge, WordedGraph } from './words.ts';

/** One line between two nodes of a drawing, for all their ports with the same result. */
interface Line {
  readonly from: string;
  readonly to: string;
  readonly access: Access;
  readonly label: string;
}

/** Lines of a drawing; what cannot be reached has none. */
function linesOf({ edges }: WordedGraph): readonly Line[] {
  const lines = new Map<string, { readonly edge: WordedEdge; readonly to: string; readonly ports: Set<string> }>();
  for (const edge of edges) {
    if (edge.access === 'unreachable') continue;
    for (const to of edge.to) {
      const key = [edge.from, to, edge.access, edge.tls].join('\n');
      const line = lines.get(key) ?? { edge, to, ports: new Set() };
      lines.set(key, line);
      line.ports.add(String(edge.port));
    }
  }
  return [...lines.values()].map(({ edge: { from, access, tls }, to, ports }) => ({
    from,
    to,
    access,
    label: [[...ports].join(', '), access === 'allowed' ? '' : access, tls].filter((part) => part !== '').join(' '),
  }));
}

function byNamespace(nodes: readonly GraphNode[]): ReadonlyMap<string, readonly GraphNode[]> {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) groups.set(node.namespace, [...(groups.get(node.namespace) ?? []), node]);
  return groups;
}

/** A Mermaid flowchart. */
export function formatGraphMermaid(graph: WordedGraph): Printable {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, mermaid`n${index}`]));
  const idOf = (id: string): Mermaid => ids.get(id) ?? mermaid`unknown`;
  const lines = [mermaid`flowchart LR`];
  let group = 0;
  for (const [namespace, nodes] of byNamespace(graph.nodes)) {
    const shapes = nodes.map(({ id, name, kind }) => {
      if (kind === 'gateway') return mermaid`${idOf(id)}{{"${name}"}}`;
      return kind === 'external' ? mermaid`${idOf(id)}(["${name}"])` : mermaid`${idOf(id)}["${name}"]`;
    });
    if (namespace === '')
      addAll(
        lines,
        shapes.map((shape) => mermaid`  ${shape}`),
      );
    else
      addAll(lines, [
        mermaid`  subgraph g${group++}["${namespace}"]`,
        ...shapes.map((shape) => mermaid`    ${shape}`),
        mermaid`  end`,
      ]);
  }
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
  const lines = [
    dot`digraph mesh {`,
    dot`  rankdir=LR;`,
    dot`  node [shape=box, style=rounded, fontname="sans-serif"];`,
    dot`  edge [fontname="sans-serif", fontsize=10];`,
  ];
  let group = 0;
  for (const [namespace, nodes] of byNamespace(graph.nodes)) {
    const shapes = nodes.map(({ id, name, kind }) => {
      const shape = kind === 'gateway' ? dot`, shape=hexagon` : kind === 'external' ? dot`, shape=ellipse` : '';
      return dot`"${id}" [label="${name}"${shape}];`;
    });
    if (namespace === '')
      addAll(
        lines,
        shapes.map((shape) => dot`  ${shape}`),
      );
    else
      addAll(lines, [
        dot`  subgraph cluster_${group++} {`,
        dot`    label="${namespace}";`,
        ...shapes.map((shape) => dot`    ${shape}`),
        dot`  }`,
      ]);
  }
  for (const { from, to, access, label } of linesOf(graph)) {
    const style = access === 'partly' || access === 'passthrough' ? dot`, style=dashed` : '';
    const head = access === 'denied' ? dot`, arrowhead=tee` : '';
    lines.push(dot`  "${from}" -> "${to}" [label="${label}", color="${colors[access]}"${style}${head}];`);
  }
  return printed(dot`${joined(lines)}\n}\n`);
}
