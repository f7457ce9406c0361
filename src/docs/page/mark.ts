/** The hub's mark, as the address of a picture: the icon of its pages and what stands in their top bars. */
export const MARK = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6e5d"/><g stroke="#fff" stroke-width="2.4" stroke-linecap="round"><path d="M16 16 8 9m8 7 8-7m-8 7-8 7m8-7 8 7"/></g><circle cx="16" cy="16" r="4.4" fill="#fff"/></svg>',
)}`;
