/** What each of these sites is told when it starts; where a real one reads its environment. */
export interface SiteSettings {
  /** `https://id.example.jp` */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where the site is reached, without a trailing slash: `https://shop.example.jp` */
  readonly baseUrl: string
  /** 32 random bytes or more, of the site's own; for its cookies. */
  readonly cookieSecret: string
}
