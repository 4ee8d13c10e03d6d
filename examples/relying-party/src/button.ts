/** One version of the button, held by its hash: copied from `/button/preview` of the provider. */
export const BUTTON = {
  path: '/button/0.1.0/button.js',
  integrity: 'sha384-nShD09l297blI5todCul37ciKGk9MXnv8hzMv0K0zh2dfAHUVs+YE3lqaxNwtbYK',
} as const
