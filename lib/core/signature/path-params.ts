/** Parameters of an endpoint's path, by name: those of `webhooks/:agent` may be `{ agent: 'loans' }`. */
export type PathParams = Readonly<Record<string, string>>;
