/** One version of the button, held by its hash: copied from `/button/preview` of the provider. */
export const BUTTON = {
  path: '/button/0.1.0/button.js',
  integrity: 'sha384-wEwW/uhLKYEQxPvKg0GVVr7sKdOhV1bFoZH5e9OpL/l0qS+D0h4H1I44APIMix2G',
} as const
