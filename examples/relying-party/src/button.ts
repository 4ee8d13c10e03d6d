/** One version of the button, held by its hash: copied from `/button/preview` of the provider. */
export const BUTTON = {
  path: '/button/0.1.0/button.js',
  integrity: 'sha384-qpskVQFDSl0mnYU06U0imgw6s1W83thNOP5Mj0qBf027TBY8hCCmAe5/2jLMgzE5',
} as const
