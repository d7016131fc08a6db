// The page's content security policy, in one place: the build writes it into index.html, the server sends it as a header
// (a worker takes its policy from its own response's header, not from the page's meta tag).

const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"], // compiles WebAssembly; no eval, no inline script
  'worker-src': ["'self'"],
  'connect-src': ["'self'"], // data can be sent nowhere
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'manifest-src': ["'self'"],
  'font-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

export const csp = Object.entries(policy)
  .map(([directive, sources]) => [directive, ...sources].join(' '))
  .join('; ');
