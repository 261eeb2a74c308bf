import type { DataSource, ExpressionFilter, HttpLua, LuaPerRoute } from '../../../../envoy/api.gen.ts';
import { celProblem } from '../../../../envoy/cel-functions.ts';
import { luaSyntaxProblem } from '../../../../util/lua-syntax.ts';
import { type Complain, defineRule, type RefusalRule } from '../rule.ts';

const FIX = 'correct the script';

/** Scripts of the Lua filter. */
export const luaScripts: RefusalRule = defineRule(
  'envoy.extensions.filters.http.lua.v3.Lua',
  'text',
  ({ inlineCode, defaultSourceCode, sourceCodes = {} }: HttpLua, complain) => {
    checkScript(inlineCode, ['inlineCode'], complain);
    checkSource(defaultSourceCode, ['defaultSourceCode'], complain);
    for (const [name, source] of Object.entries(sourceCodes)) checkSource(source, ['sourceCodes', name], complain);
  },
);

/** Scripts of routes for the Lua filter. */
export const luaScriptsOfRoutes: RefusalRule = defineRule(
  'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
  'text',
  ({ sourceCode }: LuaPerRoute, complain) => checkSource(sourceCode, ['sourceCode'], complain),
);

/** Conditions of access logs. */
export const accessLogConditions: RefusalRule = defineRule(
  'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
  'text',
  ({ expression = '' }: ExpressionFilter, complain) => {
    const problem = celProblem(expression);
    if (problem !== undefined) complain(['expression'], problem, 'correct the expression');
  },
);

function checkSource(source: DataSource | undefined, path: readonly string[], complain: Complain): void {
  checkScript(source?.inlineString, [...path, 'inlineString'], complain);
}

function checkScript(script: string | undefined, path: readonly string[], complain: Complain): void {
  const problem = script === undefined ? undefined : luaSyntaxProblem(script);
  if (problem !== undefined) complain(path, `is no Lua (${problem})`, FIX);
}
