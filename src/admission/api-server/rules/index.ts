export { createRuleCheck } from './check.ts';
