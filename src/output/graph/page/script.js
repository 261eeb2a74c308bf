// The program of the page of `mesh graph -o html`: a drawing, a matrix, and details of what is chosen.
{
  const graph = JSON.parse(document.getElementById('data').textContent);
  const kinds = ['allowed', 'partly', 'denied', 'passthrough', 'unreachable'];
  const dashed = new Set(['partly', 'passthrough']);
  const color = (access) => `var(--${access})`;
  const nodeOf = new Map(graph.nodes.map((node) => [node.id, node]));
  const byId = (id) => document.getElementById(id);
  const state = {
    view: 'drawing',
    shown: new Set(['allowed', 'partly', 'denied', 'passthrough']),
    namespace: '',
    search: '',
    chosen: undefined,
  };

  function element(name, attributes, ...children) {
    const isSvg = ['svg', 'g', 'rect', 'text', 'path', 'title', 'defs', 'marker'].includes(name);
    const made = isSvg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== false) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== undefined));
    return made;
  }

  /* Ways between the same two parties are one line. */
  const pairs = new Map();
  for (const edge of graph.edges) {
    for (const to of edge.to) {
      if (!nodeOf.has(edge.from) || !nodeOf.has(to)) continue;
      const key = `${edge.from}\n${to}`;
      if (!pairs.has(key)) pairs.set(key, { key, from: edge.from, to, edges: [] });
      pairs.get(key).edges.push(edge);
    }
  }
  function accessOf(edges) {
    const found = kinds.filter((kind) => edges.some((edge) => edge.access === kind));
    return found.length === 1 ? found[0] : found.includes('allowed') || found.includes('partly') ? 'partly' : found[0];
  }
  /* A namespace of whatever cluster, or all of a cluster. */
  const isInPlace = ({ cluster, namespace }) => namespace === state.namespace || `${cluster}/` === state.namespace;
  function visiblePairs() {
    const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (pair, edge) => {
      const text = [pair.from, pair.to, `${edge.host}:${edge.port}`, edge.protocol, edge.access, edge.tls, ...edge.because]
        .join(' ')
        .toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const inNamespace = (id) => isInPlace(nodeOf.get(id));
    return [...pairs.values()].flatMap((pair) => {
      if (state.namespace !== '' && !inNamespace(pair.from) && !inNamespace(pair.to)) return [];
      const edges = pair.edges.filter((edge) => state.shown.has(edge.access) && matches(pair, edge));
      return edges.length === 0 ? [] : [{ ...pair, edges, access: accessOf(edges) }];
    });
  }

  /* Layout: columns of namespaces, cluster by cluster; outside on the left, gateways next, what lies outside the mesh on the right. */
  const size = { height: 42, gap: 24, pad: 14, title: 26, column: 130, row: 44 };
  const measure = document.createElement('canvas').getContext('2d');
  measure.font = '13px system-ui, sans-serif';
  function widthOf(nodes) {
    return Math.min(260, Math.max(120, ...nodes.map((node) => measure.measureText(node.name).width + 28)));
  }
  function layout(nodes) {
    const groups = new Map();
    for (const node of nodes) {
      const isInside = node.kind !== 'outside' && node.kind !== 'external';
      const key = isInside ? `${node.cluster ?? ''}/${node.namespace}` : node.kind;
      if (!groups.has(key)) groups.set(key, { key, cluster: node.cluster ?? '', title: node.namespace, isInside, members: [] });
      groups.get(key).members.push(node);
    }
    const ways = visiblePairs();
    const called = new Map(nodes.map((node) => [node.id, 0]));
    for (const way of ways) called.set(way.to, (called.get(way.to) || 0) + 1);
    const inside = [...groups.values()].filter((group) => group.isInside);
    const hasGateway = ({ members }) => members.some((node) => node.kind === 'gateway');
    const columnsOf = (cluster) => {
      const own = inside.filter((group) => group.cluster === cluster);
      const middle = own.filter((group) => !hasGateway(group));
      const rows = Math.max(
        1,
        Math.ceil(
          middle.reduce((sum, group) => sum + group.members.length + 1, 0) / Math.max(1, Math.ceil(Math.sqrt(middle.length))),
        ),
      );
      const split = [];
      for (const group of middle) {
        const last = split[split.length - 1];
        const filled = last ? last.reduce((sum, each) => sum + each.members.length + 1, 0) : Infinity;
        if (filled + group.members.length > rows) split.push([group]);
        else last.push(group);
      }
      return [own.filter(hasGateway), ...split];
    };
    const beyond = (kind) => [...groups.values()].filter((group) => group.key === kind);
    const clusters = [...new Set(inside.map((group) => group.cluster))];
    const all = [beyond('outside'), ...clusters.flatMap(columnsOf), beyond('external')].filter((column) => column.length > 0);
    const places = new Map(),
      boxes = [];
    let x = 0;
    const heights = all.map((column) =>
      column.reduce((sum, group) => sum + group.members.length * (size.height + size.gap) + size.title + size.pad + size.row, 0),
    );
    const tallest = Math.max(...heights);
    all.forEach((column, index) => {
      const width = widthOf(column.flatMap((group) => group.members));
      let y = (tallest - heights[index]) / 2;
      for (const group of column) {
        const height = group.members.length * (size.height + size.gap) + size.title + size.pad - size.gap;
        const { title, cluster } = group;
        if (group.isInside) boxes.push({ title, cluster, x: x - size.pad, y, width: width + 2 * size.pad, height });
        for (const [row, node] of group.members.entries()) {
          places.set(node.id, { x, y: y + size.title + row * (size.height + size.gap), width, column: index });
        }
        y += height + size.row;
      }
      x += width + size.column;
    });
    return { places, boxes: [...clusterBoxes(boxes), ...boxes], width: x - size.column, height: tallest };
  }
  /* Around the namespaces of each cluster, where there are several. */
  function clusterBoxes(boxes) {
    const names = [...new Set(boxes.map((box) => box.cluster))].filter(Boolean);
    return names.map((title) => {
      const own = boxes.filter((box) => box.cluster === title);
      const [x, y] = [Math.min(...own.map((box) => box.x)) - size.pad, Math.min(...own.map((box) => box.y)) - size.title - 6];
      const right = Math.max(...own.map((box) => box.x + box.width));
      const bottom = Math.max(...own.map((box) => box.y + box.height));
      return { title, x, y, width: right + size.pad - x, height: bottom + size.pad - y, isCluster: true };
    });
  }
  function curve(from, to) {
    const y1 = from.y + size.height / 2,
      y2 = to.y + size.height / 2;
    if (to.column > from.column) {
      const x1 = from.x + from.width,
        x2 = to.x - 5,
        bend = Math.max(40, (x2 - x1) / 2);
      return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    }
    if (to.column === from.column) {
      const x1 = from.x + from.width,
        x2 = to.x + to.width + 5,
        bend = 36 + Math.min(70, Math.abs(y2 - y1) / 4);
      return `M${x1} ${y1 + 6}C${x1 + bend} ${y1} ${x2 + bend} ${y2} ${x2} ${y2 - 6}`;
    }
    const x1 = from.x,
      x2 = to.x + to.width + 5,
      bend = Math.max(50, (x1 - x2) / 2);
    return (
      'M' +
      x1 +
      ' ' +
      (y1 + 8) +
      'C' +
      (x1 - bend) +
      ' ' +
      (y1 + 30) +
      ' ' +
      (x2 + bend) +
      ' ' +
      (y2 + 30) +
      ' ' +
      x2 +
      ' ' +
      (y2 + 8)
    );
  }

  const svg = byId('drawing');
  const stage = element('g', {});
  svg.append(
    element(
      'defs',
      {},
      ...kinds.map((kind) =>
        element(
          'marker',
          {
            id: `arrow-${kind}`,
            viewBox: '0 0 8 8',
            refX: 6,
            refY: 4,
            markerWidth: 9,
            markerHeight: 9,
            markerUnits: 'userSpaceOnUse',
            orient: 'auto',
          },
          element('path', { d: 'M0 0L8 4L0 8z', style: `fill:${color(kind)}` }),
        ),
      ),
    ),
    stage,
  );
  let view = { x: 0, y: 0, scale: 1 },
    drawn = { width: 1, height: 1 };
  const apply = () => stage.setAttribute('transform', `translate(${view.x} ${view.y}) scale(${view.scale})`);
  function fitView() {
    const { width, height } = svg.getBoundingClientRect();
    const scale = Math.min(1.4, (width - 80) / drawn.width, (height - 60) / drawn.height);
    view = { scale, x: (width - drawn.width * scale) / 2, y: (height - drawn.height * scale) / 2 };
    apply();
  }
  function zoom(factor, x, y) {
    const scale = Math.min(4, Math.max(0.08, view.scale * factor));
    view = { scale, x: x - ((x - view.x) * scale) / view.scale, y: y - ((y - view.y) * scale) / view.scale };
    apply();
  }
  svg.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const box = svg.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 500), event.clientX - box.left, event.clientY - box.top);
    },
    { passive: false },
  );
  let drag;
  svg.addEventListener('pointerdown', (event) => {
    drag = { x: event.clientX, y: event.clientY, view, moved: false };
  });
  window.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const x = event.clientX - drag.x,
      y = event.clientY - drag.y;
    if (Math.abs(x) + Math.abs(y) > 4) {
      drag.moved = true;
      svg.classList.add('dragging');
    }
    view = { ...drag.view, x: drag.view.x + x, y: drag.view.y + y };
    apply();
  });
  window.addEventListener('pointerup', () => {
    svg.classList.remove('dragging');
    setTimeout(() => {
      drag = undefined;
    });
  });
  svg.addEventListener('click', (event) => {
    if (event.target === svg && !drag?.moved) choose(undefined);
  });

  function tip(text, event) {
    const box = byId('tip');
    box.hidden = text === '';
    box.textContent = text;
    if (event) {
      box.style.left = `${Math.min(event.clientX + 14, innerWidth - 300)}px`;
      box.style.top = `${event.clientY + 14}px`;
    }
  }
  /* Of requests that were not tried nothing is known. */
  const accessWords = ({ access, gaveUp }) => (gaveUp && access !== 'partly' ? `${access} as far as tried` : access);
  const summary = (pair) =>
    pair.from +
    ' → ' +
    pair.to +
    ': ' +
    [...new Set(pair.edges.map((edge) => `${edge.port} ${accessWords(edge)}${edge.tls ? `, ${edge.tls}` : ''}`))].join('; ');

  function draw() {
    const ways = visiblePairs();
    const used = new Set(ways.flatMap((way) => [way.from, way.to]));
    const nodes = graph.nodes.filter(
      (node) => used.has(node.id) || (state.namespace !== '' ? isInPlace(node) : state.search === ''),
    );
    const plan = layout(nodes);
    drawn = plan;
    stage.replaceChildren();
    for (const box of plan.boxes) {
      stage.append(
        element(
          'g',
          { class: box.isCluster ? 'box cluster' : 'box' },
          element('rect', { x: box.x, y: box.y - 6, width: box.width, height: box.height + 8, rx: 10 }),
          element('text', { x: box.x + 12, y: box.y + 10 }, box.title),
        ),
      );
    }
    for (const way of ways) {
      if (way.from === way.to) continue;
      const classes = [
        'edge',
        dashed.has(way.access) ? 'dashed' : '',
        way.edges.some((edge) => edge.tls === 'mutual TLS') ? 'secured' : '',
      ].join(' ');
      stage.append(
        element('path', {
          class: classes,
          d: curve(plan.places.get(way.from), plan.places.get(way.to)),
          style: `stroke:${color(way.access)}`,
          'marker-end': `url(#arrow-${way.access})`,
          'data-from': way.from,
          'data-to': way.to,
          'data-key': way.key,
          onclick: () => choose({ pair: way.key }),
          onpointermove: (event) => tip(summary(way), event),
          onpointerleave: () => tip(''),
        }),
      );
    }
    for (const node of nodes) {
      const place = plan.places.get(node.id);
      const text = node.kind === 'workload' ? node.pods + (node.pods === 1 ? ' pod' : ' pods') : node.kind;
      const room = Math.floor((place.width - 20) / 7);
      const name = node.name.length > room ? `${node.name.slice(0, room - 1)}…` : node.name;
      stage.append(
        element(
          'g',
          {
            class: `node ${node.kind.replace(' ', '-')}`,
            tabindex: 0,
            'data-id': node.id,
            transform: `translate(${place.x} ${place.y})`,
            onclick: () => {
              if (!drag?.moved) choose({ node: node.id });
            },
            onkeydown: (event) => {
              if (event.key === 'Enter') choose({ node: node.id });
            },
            onpointerenter: () => focus(node.id),
            onpointerleave: () => focus(state.chosen?.node),
          },
          element('title', {}, node.id),
          element('rect', { width: place.width, height: size.height, rx: node.kind === 'gateway' ? 20 : 8 }),
          element('text', { x: place.width / 2, y: 18, 'text-anchor': 'middle' }, name),
          element('text', { class: 'kind', x: place.width / 2, y: 32, 'text-anchor': 'middle' }, text),
        ),
      );
    }
    focus(state.chosen?.node);
  }
  function focus(id) {
    stage.classList.toggle('focused', id !== undefined);
    const near = new Set([id]);
    for (const path of stage.querySelectorAll('.edge')) {
      const isNear = path.dataset.from === id || path.dataset.to === id;
      path.classList.toggle('near', isNear);
      path.classList.toggle('chosen', Boolean(state.chosen && state.chosen.pair === path.dataset.key));
      if (isNear) near.add(path.dataset.from).add(path.dataset.to);
    }
    for (const node of stage.querySelectorAll('.node')) {
      node.classList.toggle('near', near.has(node.dataset.id));
      node.classList.toggle('chosen', Boolean(state.chosen && state.chosen.node === node.dataset.id));
    }
  }

  const marks = { allowed: '✓', partly: '~', denied: '✕', passthrough: '→', unreachable: '·' };
  function drawMatrix() {
    const ways = visiblePairs();
    const order = graph.nodes.map((node) => node.id);
    const callers = order.filter((id) => ways.some((way) => way.from === id));
    const callees = order.filter((id) => ways.some((way) => way.to === id));
    const byKey = new Map(ways.map((way) => [way.key, way]));
    const light = (row, column, on) => {
      for (const each of [row, column]) each.classList.toggle('lit', on);
    };
    const heads = callees.map((id) => element('th', { title: id }, element('span', {}, id)));
    const rows = callers.map((from) => {
      const head = element('th', { title: from }, from);
      return element(
        'tr',
        {},
        head,
        ...callees.map((to, index) => {
          const way = byKey.get(`${from}\n${to}`);
          if (!way) return element('td', {});
          return element(
            'td',
            {
              class: `full${state.chosen && state.chosen.pair === way.key ? ' chosen' : ''}`,
              style: `background:${color(way.access)}`,
              onclick: () => choose({ pair: way.key }),
              onpointerenter: () => light(head, heads[index], true),
              onpointerleave: () => {
                light(head, heads[index], false);
                tip('');
              },
              onpointermove: (event) => tip(summary(way), event),
            },
            marks[way.access] + (way.edges.some((edge) => edge.gaveUp) ? '?' : ''),
          );
        }),
      );
    });
    byId('matrix').replaceChildren(
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, element('th', {}, 'caller ↓  called →'), ...heads)),
        element('tbody', {}, ...rows),
      ),
    );
  }

  /** The policies that decide. */
  function policiesOf({ reasons }) {
    return [...new Set(reasons.flatMap(({ policy, policies }) => policies || (policy ? [policy] : [])))];
  }
  /** Where something is written: file and line. */
  function place(name, places, label = `${name}: `) {
    if (!Object.hasOwn(places, name)) return undefined;
    return element('div', { class: 'soft' }, label, element('code', {}, places[name]));
  }
  function wayDetails(edge, other) {
    return element(
      'div',
      { class: 'way', style: `border-color:${color(edge.access)}` },
      element('div', {}, element('b', {}, `${edge.host}:${edge.port}`), ' ', element('span', { class: 'soft' }, edge.protocol)),
      element('div', { style: `color:${color(edge.access)}` }, accessWords(edge) + (edge.tls ? `, ${edge.tls}` : '')),
      other ? element('div', {}, element('a', { onclick: () => choose({ node: other }) }, other)) : undefined,
      ...edge.because.map((text) => element('div', { class: 'soft' }, text)),
      ...policiesOf(edge).map((name) => place(name, graph.places.policies)),
      ...(edge.passing.length
        ? [element('div', {}, 'gets there: ', ...edge.passing.flatMap((text) => [element('code', {}, text), ' ']))]
        : []),
      ...(edge.failing.length
        ? [element('div', {}, 'does not: ', ...edge.failing.flatMap((text) => [element('code', {}, text), ' ']))]
        : []),
      ...(edge.needs ?? []).map((text) => element('div', {}, 'needs: ', text)),
      ...(edge.refused ?? []).map(({ because, requests }) =>
        element('div', {}, `refused (${because.join('; ') || 'no reason'}): `, requests.join(', or ')),
      ),
      ...(edge.assumptions ?? []).map((text) => element('div', { class: 'soft' }, `assumed to make no difference: ${text}`)),
      ...(edge.gaveUp ? [element('div', { class: 'soft' }, edge.gaveUp)] : []),
    );
  }
  function details() {
    const panel = byId('details');
    const { chosen } = state;
    if (!chosen) {
      panel.replaceChildren(
        element('h2', {}, 'Who can call whom'),
        element(
          'p',
          { class: 'soft' },
          'Choose a workload or a line for its ports, mutual TLS and the policies that decide. Drag to move, scroll to zoom. The matrix has a row for each caller.',
        ),
      );
      return;
    }
    if (chosen.pair) {
      const pair = pairs.get(chosen.pair);
      panel.replaceChildren(
        element(
          'h2',
          {},
          element('a', { onclick: () => choose({ node: pair.from }) }, pair.from),
          ' → ',
          element('a', { onclick: () => choose({ node: pair.to }) }, pair.to),
        ),
        ...pair.edges.map((edge) => wayDetails(edge)),
      );
      return;
    }
    const node = nodeOf.get(chosen.node);
    const out = graph.edges.filter((edge) => edge.from === node.id),
      into = graph.edges.filter((edge) => edge.to.includes(node.id));
    const list = (title, edges, other) =>
      edges.length === 0
        ? []
        : [element('h3', {}, `${title} (${edges.length})`), ...edges.map((edge) => wayDetails(edge, other(edge)))];
    panel.replaceChildren(
      element('h2', {}, node.id),
      element('div', { class: 'soft' }, node.kind + (node.pods ? `, ${node.pods}${node.pods === 1 ? ' pod' : ' pods'}` : '')),
      ...[place(node.id, graph.places.parties, '')].filter((line) => line !== undefined),
      ...list('Called by', into, (edge) => edge.from),
      ...list('Calls', out, (edge) => edge.to[0]),
    );
  }
  function choose(chosen) {
    state.chosen = chosen;
    location.hash = chosen ? encodeURIComponent(chosen.node || chosen.pair) : '';
    details();
    render();
  }
  function render(refit) {
    const isDrawing = state.view === 'drawing';
    svg.toggleAttribute('hidden', !isDrawing);
    svg.style.display = isDrawing ? '' : 'none';
    byId('tools').hidden = !isDrawing;
    byId('matrix').hidden = isDrawing;
    for (const button of document.querySelectorAll('[data-view]'))
      button.setAttribute('aria-pressed', String(button.dataset.view === state.view));
    if (isDrawing) {
      draw();
      if (refit) fitView();
    } else drawMatrix();
  }

  /* Among very many lines, those that go somewhere matter. */
  if (pairs.size > 150 && new URLSearchParams(location.search).get('view') !== 'matrix' && pairs.size <= 400)
    state.shown.delete('denied');
  for (const kind of kinds) {
    const count = graph.edges.filter((edge) => edge.access === kind).length;
    if (count === 0) continue;
    byId('legend').append(
      element(
        'label',
        {},
        element('input', {
          type: 'checkbox',
          checked: state.shown.has(kind) ? '' : undefined,
          onchange: (event) => {
            if (event.target.checked) state.shown.add(kind);
            else state.shown.delete(kind);
            render();
          },
        }),
        element('i', { class: dashed.has(kind) ? 'dashed' : '', style: `border-color:${color(kind)}` }),
        `${kind} ${count}`,
      ),
    );
  }
  const clusterNames = graph.nodes.flatMap((node) => (node.cluster === undefined ? [] : [`${node.cluster}/`]));
  for (const name of [...new Set([...clusterNames, ...graph.nodes.map((node) => node.namespace)])].filter(Boolean).sort())
    byId('namespace').append(element('option', { value: name }, name));
  byId('namespace').addEventListener('change', (event) => {
    state.namespace = event.target.value;
    render(true);
  });
  byId('search').addEventListener('input', (event) => {
    state.search = event.target.value;
    render(true);
  });
  for (const button of document.querySelectorAll('[data-view]'))
    button.addEventListener('click', () => {
      state.view = button.dataset.view;
      render(true);
    });
  byId('in').addEventListener('click', () => zoom(1.3, svg.clientWidth / 2, svg.clientHeight / 2));
  byId('out').addEventListener('click', () => zoom(1 / 1.3, svg.clientWidth / 2, svg.clientHeight / 2));
  byId('fit').addEventListener('click', fitView);
  const setTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
  };
  setTheme(
    new URLSearchParams(location.search).get('theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
  );
  byId('theme').addEventListener('click', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
  window.addEventListener('resize', fitView);
  byId('counts').textContent = `${graph.nodes.length} parties, ${graph.edges.length} ways`;
  const asked = decodeURIComponent(location.hash.slice(1));
  if (nodeOf.has(asked)) state.chosen = { node: asked };
  else if (pairs.has(asked)) state.chosen = { pair: asked };
  state.view = new URLSearchParams(location.search).get('view') || (pairs.size > 400 ? 'matrix' : 'drawing');
  details();
  render(true);
  document.body.dataset.ready = 'true';
}
