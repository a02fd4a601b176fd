/** What a body may be said to be that the API doesn't read, or that is no content type at all. */
export const WRONG_CONTENT_TYPES = [
  'application/json; charset=utf-16',
  'application/json; charset=nonsense',
  'application/json;charset=',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'text/xml',
  'application/',
  '/',
  'x'.repeat(2000),
  'application/json, application/json',
];
