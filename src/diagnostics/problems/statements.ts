import { defineProblem, type Problem } from '../problem.ts';

/** What mesh prove says of statements. */

export const statementRefuted: Problem<[statement: string, witness: string]> = defineProblem({
  code: 'MESH3000',
  name: 'statement-refuted',
  severity: 'error',
  about: 'A statement of a mesh-policy file does not hold: there is a request that breaks it.',
  cause: '`never: {from: outside, to: {services: [orders]}}`, and a gateway with a route to orders.',
  fix: 'Follow the request with the mesh trace that is printed: each step names what decides. Close the way, or correct the statement.',
  message: (statement, witness) => `${statement}: refuted, ${witness}`,
});

export const statementUndecided: Problem<[statement: string, reasons: string]> = defineProblem({
  code: 'MESH3001',
  name: 'statement-undecided',
  severity: 'error',
  about:
    'A statement of a mesh-policy file is neither proven nor refuted: to look at all requests would take more than is allowed, or something is asked of them that cannot be told.',
  cause:
    'Hundreds of regular expressions that are matched against one part of a request; a path that is rewritten by an expression.',
  fix: 'Make the statement about less: fewer services, one sender at a time.',
  message: (statement, reasons) => `${statement}: neither proven nor refuted, ${reasons}`,
});
