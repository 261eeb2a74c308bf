import type { Access, GraphNode } from '../../operations/reachability/graph.ts';
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
export function formatGraphMermaid(graph: WordedGraph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const text = (words: string): string => `"${words.replaceAll('"', '&quot;')}"`;
  const lines = ['flowchart LR'];
  let group = 0;
  for (const [namespace, nodes] of byNamespace(graph.nodes)) {
    const shapes = nodes.map(({ id, name, kind }) => {
      const label = text(name);
      return `${ids.get(id)}${kind === 'gateway' ? `{{${label}}}` : kind === 'external' ? `([${label}])` : `[${label}]`}`;
    });
    if (namespace === '') lines.push(...shapes.map((shape) => `  ${shape}`));
    else lines.push(`  subgraph g${group++}[${text(namespace)}]`, ...shapes.map((shape) => `    ${shape}`), '  end');
  }
  const arrows: Readonly<Record<Access, string>> = {
    allowed: '-->',
    partly: '-.->',
    denied: '--x',
    passthrough: '-.->',
    unreachable: '--x',
  };
  for (const { from, to, access, label } of linesOf(graph)) {
    lines.push(`  ${ids.get(from)} ${arrows[access]}|${text(label)}| ${ids.get(to)}`);
  }
  return `${lines.join('\n')}\n`;
}

const colors: Readonly<Record<Access, string>> = {
  allowed: '#2e7d32',
  partly: '#b26a00',
  denied: '#c62828',
  passthrough: '#6a6a6a',
  unreachable: '#9e9e9e',
};

/** A graph for Graphviz. */
export function formatGraphDot(graph: WordedGraph): string {
  const text = (words: string): string => `"${words.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = [
    'digraph mesh {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
  ];
  let group = 0;
  for (const [namespace, nodes] of byNamespace(graph.nodes)) {
    const shapes = nodes.map(({ id, name, kind }) => {
      const shape = kind === 'gateway' ? ', shape=hexagon' : kind === 'external' ? ', shape=ellipse' : '';
      return `${text(id)} [label=${text(name)}${shape}];`;
    });
    if (namespace === '') lines.push(...shapes.map((shape) => `  ${shape}`));
    else
      lines.push(
        `  subgraph cluster_${group++} {`,
        `    label=${text(namespace)};`,
        ...shapes.map((shape) => `    ${shape}`),
        '  }',
      );
  }
  for (const { from, to, access, label } of linesOf(graph)) {
    const style = access === 'partly' || access === 'passthrough' ? ', style=dashed' : '';
    const head = access === 'denied' ? ', arrowhead=tee' : '';
    lines.push(`  ${text(from)} -> ${text(to)} [label=${text(label)}, color="${colors[access]}"${style}${head}];`);
  }
  return `${lines.join('\n')}\n}\n`;
}
