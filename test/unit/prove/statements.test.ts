import { describe, expect, test } from 'vitest';
import { readStatements } from '../../../src/operations/prove/read-statements.ts';
import { resolveStatements } from '../../../src/operations/prove/resolve-statements.ts';
import { statementsJsonSchema } from '../../../src/operations/prove/statement-schema.ts';
import { parseText } from '../../../src/source/parse.ts';
import { groundOf } from '../../support/proving.ts';

function read(text: string) {
  const [document] = parseText('x.mesh-policy.yaml', text, () => {});
  if (document === undefined) throw new TypeError('there is a document');
  return readStatements(document);
}

/** What is wrong with statements, as they are written and in a mesh. */
function problemsOf(text: string): readonly string[] {
  const file = read(text);
  const { benches, surroundings } = groundOf();
  const problems = 'statements' in file ? resolveStatements(file, benches, surroundings.dataPlane).problems : file;
  return problems.map(({ message, location }) => `${location?.line}:${location?.column} ${message}`);
}

function resolved(text: string) {
  const file = read(text);
  if (!('statements' in file)) throw new TypeError(JSON.stringify(file));
  const { benches, surroundings } = groundOf();
  return resolveStatements(file, benches, surroundings.dataPlane).statements;
}

describe('a file of statements', () => {
  test('is refused with the place of each mistake', () => {
    expect(
      problemsOf(`statements:
  - never: { form: outside, to: { services: [shop/orders] } }
  - name: nothing is said
  - never: { to: { services: [shop/orders] } }
    only: { from: outside, to: { services: [shop/orders] } }
  - always: { to: { services: [shop/orders] } }
  - always: { mutualTLS: true }
  - always: { tls: true, to: {} }
  - always: { mutualTLS: true, to: {}, gateways: [istio-system/ingress] }
`),
    ).toEqual(['2:14 unknown field "statements[0].never.form" (did you mean "from"?)']);
    expect(
      problemsOf(`statements:
  - name: nothing is said
  - never: { to: { services: [shop/orders] } }
    only: { from: outside, to: { services: [shop/orders] } }
  - always: { to: { services: [shop/orders] } }
  - always: { mutualTLS: true }
  - always: { tls: true, to: {} }
  - always: { mutualTLS: true, to: {}, gateways: [istio-system/ingress] }
`),
    ).toEqual([
      '2:5 statements[0] is no statement; it must be one of never, only and always',
      '3:5 statements[1] is never and only; it must be one of never, only and always',
      '5:13 statements[2].always is no statement; it must be one of mutualTLS, token and tls',
      '6:13 statements[3].always.to is missing',
      '7:30 statements[4].always.to is an object; it must be left out with tls: that is about gateways',
      '8:50 statements[5].always.gateways is a list; it must be left out: it goes with tls',
    ]);
  });

  test('is refused where a value is of another type', () => {
    expect(
      problemsOf(`statements:
  - never: { from: inside, to: { services: shop/orders } }
  - never: { to: { ports: [80, 70000] } }
  - never: { from: { outside: false }, to: {} }
`),
    ).toMatchInlineSnapshot(`
      [
        "2:20 statements[0].never.from is the text "inside"; it must be \`outside\`, or who sends in fields",
        "2:44 statements[0].never.to.services must be a list, not the text "shop/orders"",
        "3:32 statements[1].never.to.ports[1] is the number 70000; it must be a port from 1 to 65535",
        "4:31 statements[2].never.from.outside is false; it must be true, or left out",
      ]
    `);
  });

  test('names what the mesh has not, with what may be meant', () => {
    expect(
      problemsOf(`statements:
  - never:
      from: [{ workloads: [shop/wbe] }, { namespaces: [shpo], principals: [cluster.local/ns/shop/sa/wbe] }]
      to: [{ services: [shop/order] }, { services: [shop/orders], ports: [81] }]
      unless: { principals: [nobody] }
  - always: { tls: true, gateways: [shop/web] }
`),
    ).toMatchInlineSnapshot(`
      [
        "3:28 statements[0].never.from[0].workloads[0] is "shop/wbe"; it must be a workload of the mesh (did you mean "shop/web"?)",
        "3:56 statements[0].never.from[1].namespaces[0] is "shpo"; it must be a namespace of the mesh (did you mean "shop"?)",
        "3:76 statements[0].never.from[1].principals[0] is "cluster.local/ns/shop/sa/wbe"; it must be the principal of a pod of the mesh (did you mean "cluster.local/ns/shop/sa/web", "cluster.local/ns/shop/sa/orders" or "cluster.local/ns/pay/sa/ledger"?)",
        "4:25 statements[0].never.to[0].services[0] is "shop/order"; it must be a service of the mesh (did you mean "shop/orders"?)",
        "4:74 statements[0].never.to[1].ports is "81"; it must be ports of shop/orders: 80",
        "5:30 statements[0].never.unless.principals[0] is "nobody"; it must be the principal of a pod of the mesh",
        "6:37 statements[1].always.gateways[0] is "shop/web"; it must be a gateway of the mesh",
      ]
    `);
  });

  test('finds servers behind the ports of services, in all spellings', () => {
    const [one, two, three] = resolved(`statements:
  - never: { to: { services: [pay/ledger], ports: [80] } }
  - never: { to: { services: [ledger.pay, orders.shop.svc.cluster.local] } }
  - never: { to: { namespaces: [shop], workloads: [deployment/web.shop, pay/ledger], ports: [8080] } }
`);
    expect(one?.to[0]?.servers).toEqual(new Map([['pay/ledger-0', new Set([8080])]]));
    expect(two?.to[0]?.servers).toEqual(
      new Map([
        ['pay/ledger-0', new Set([8080, 5432])],
        ['shop/orders-0', new Set([8080])],
      ]),
    );
    expect(three?.to[0]?.servers).toEqual(new Map([['shop/web-0', new Set([8080])]]));
  });

  test('finds senders by all that is said of them together', () => {
    const [one, two] = resolved(`statements:
  - never: { from: { namespaces: [shop], principals: ['*/sa/orders', cluster.local/ns/pay*] }, to: {} }
  - never: { from: { notNamespaces: [shop], notWorkloads: [pay/ledger] }, to: {} }
`);
    expect(one?.from[0]?.pods).toEqual(new Set(['shop/orders-0']));
    expect(two?.from[0]).toMatchObject({ pods: undefined, notPods: new Set(['pay/ledger-0', 'shop/web-0', 'shop/orders-0']) });
  });

  test('the JSON Schema for editors says the same', async () => {
    await expect(`${JSON.stringify(statementsJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../../schemas/mesh-policy.schema.json',
    );
  });
});
