// One request to the platform, and its failure as a typed error. It does not know sessions.
import { serverText } from '@/lib/i18n/server-texts';

export type FieldErrors = Record<string, string[]>;

/** The platform answered, but not with success. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | null,
    readonly fields: FieldErrors,
    /** Further fields of the answer: a conflict names the allowed values. */
    readonly members: Record<string, unknown> = {},
  ) {
    super(detail || `HTTP ${status}`);
  }
}

/** No answer came: no network, gateway down, or cut off half-way. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
  /** The request timed out: another one at once would only double the wait. */
  readonly timedOut: boolean;
  constructor(message: string, options: ErrorOptions & { timedOut?: boolean } = {}) {
    super(message, options);
    this.timedOut = options.timedOut ?? false;
  }
}

const TIMEOUT_MS = 10_000;

/** A gateway answers these when the service behind it is unavailable: the platform is unreachable. */
const UNAVAILABLE = new Set([502, 503, 504]);

export function isUnreachable(error: unknown): boolean {
  return error instanceof UnreachableError || (error instanceof ApiError && UNAVAILABLE.has(error.status));
}

export type RequestOptions = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** A CSV file as the body. */
  csv?: string | Blob;
  /** 'text': the answer is no JSON. */
  answer?: 'json' | 'text';
  /** For work that takes the server longer than a read. */
  timeoutMs?: number;
  token?: string;
  signal?: AbortSignal;
  /** The request continues when the page is closed. */
  keepalive?: boolean;
};

export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;

  if (options.csv !== undefined) headers['content-type'] = 'text/csv';
  if (options.answer === 'text') headers.accept = '*/*';

  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method: options.method ?? 'GET',
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(options.keepalive === undefined ? {} : { keepalive: options.keepalive }),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.csv === undefined ? {} : { body: options.csv }),
      signal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
    });
    text = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new UnreachableError('no answer', { cause: error, timedOut: timeout.aborted });
  }
  if (!response.ok) throw apiError(response, text);
  if (options.answer === 'text') return text as T;
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    // A captive portal or a wrong upstream answers 200 with HTML.
    throw new UnreachableError('not JSON', { cause: error });
  }
}

function apiError(response: Response, text: string): ApiError {
  let problem: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) problem = parsed as Record<string, unknown>;
  } catch {
    // The gateway itself answers without JSON; the status is sufficient.
  }
  const word = (key: string) => (typeof problem[key] === 'string' ? problem[key] : '');
  const detail = word('detail') || word('title');
  return new ApiError(
    response.status,
    word('code'),
    detail === '' ? '' : serverText(word('code'), detail),
    word('request_id') || null,
    retryAfter(response.headers.get('retry-after')),
    fieldErrors(problem.errors, problem.codes),
    problem,
  );
}

function retryAfter(header: string | null): number | null {
  const seconds = Number(header);
  return header !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** Return the sentences of each field in the page's language; `codes` has their codes in the same places. */
export function fieldErrors(errors: unknown, codes: unknown): FieldErrors {
  if (typeof errors !== 'object' || errors === null) return {};
  const codesOf = (typeof codes === 'object' && codes !== null ? codes : {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(errors).map(([field, messages]) => {
      const fieldCodes = listOf(codesOf[field]);
      return [field, listOf(messages).map((message, index) => serverText(String(fieldCodes[index] ?? ''), String(message)))];
    }),
  );
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
