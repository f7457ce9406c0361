import { checkWebhookUrl } from './check-webhook-url.js';

const REFUSED: readonly (readonly [text: string, rule: RegExp])[] = [
  ['', /absolute URL/],
  ['/hooks', /absolute URL/],
  ['hooks.example/video', /absolute URL/],
  ['ftp://hooks.example/', /absolute URL/],
  ['javascript:alert(1)', /absolute URL/],
  ['https://', /absolute URL/],
  ['https://user:pass@hooks.example/', /user or a password/],
  ['https://user@hooks.example/', /user or a password/],
  ['https://hooks.example/#part', /fragment/],
  ['http://hooks.example/', /begin with https/],
  [`https://hooks.example/${'a'.repeat(2048)}`, /2048 characters/],
  // Short as it was typed, long as it would be sent.
  [`https://hooks.example/${'猫'.repeat(700)}`, /2048 characters/],
  ['https://127.0.0.1/', /private or reserved/],
  ['https://127.1/', /private or reserved/],
  ['https://0x7f000001/', /private or reserved/],
  ['https://2130706433/', /private or reserved/],
  ['https://10.1.2.3:8443/hook', /private or reserved/],
  ['https://192.168.1.1/', /private or reserved/],
  ['https://169.254.169.254/latest/meta-data/', /private or reserved/],
  ['https://[::1]/', /private or reserved/],
  ['https://[fd00::1]/', /private or reserved/],
  ['https://[::ffff:10.0.0.1]/', /private or reserved/],
  ['https://0.0.0.0/', /private or reserved/],
  ['https://localhost/', /private or reserved/],
  ['https://LOCALHOST./', /private or reserved/],
  ['https://api.localhost/', /private or reserved/],
];

describe('checkWebhookUrl', () => {
  it.each(REFUSED)('refuses %j', (text, rule) => {
    const check = () => checkWebhookUrl(text, false);
    expect(check).toThrow(rule);
    expect(check).toThrow(expect.objectContaining({ status: 400, code: 'invalid_value', param: 'webhookUrl' }));
  });

  it.each([
    ['https://hooks.example', 'https://hooks.example/'],
    ['https://Hooks.Example:8443/a?b=c&d', 'https://hooks.example:8443/a?b=c&d'],
    ['https://8.8.8.8/hook', 'https://8.8.8.8/hook'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ])('takes %j as %s', (text, stored) => {
    expect(checkWebhookUrl(text, false)).toBe(stored);
  });

  it.each(['http://localhost:3000/hook', 'http://127.0.0.1/', 'https://10.0.0.1/', 'http://[::1]:8080/'])(
    'takes %s where private networks are allowed',
    (text) => {
      expect(checkWebhookUrl(text, true)).toBe(text);
    },
  );

  it.each(['http://169.254.169.254/', 'http://[fd00:ec2::254]/', 'http://0.0.0.0/'])(
    'refuses %s even there',
    (text) => {
      expect(() => checkWebhookUrl(text, true)).toThrow(/private or reserved/);
    },
  );
});
