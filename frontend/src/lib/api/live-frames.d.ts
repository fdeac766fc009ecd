// Made from packages/energy_contracts/schemas/live_frame.schema.json by scripts/api-types.mjs; not written by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** AlertFrame */
        AlertFrame: {
            /** @default main */
            channel: string;
            /** Format: uuid */
            device_id: string;
            device_name: string;
            id: number;
            limit: number;
            /** Format: date-time */
            start: string;
            timezone: string;
            total_consumption: number;
            /** @enum {unknown} */
            type: "alert";
            /** @default kWh */
            unit: string;
            withdrawn: boolean;
        };
        /** Authenticated */
        Authenticated: {
            /** Format: date-time */
            expires_at: string;
            /** @enum {unknown} */
            type: "authenticated";
        };
        /** ErrorFrame */
        ErrorFrame: {
            code: string;
            detail: string;
            /** @enum {unknown} */
            type: "error";
        };
        /** HourlyUpdated */
        HourlyUpdated: {
            /** @default main */
            channel: string;
            covers_hours: number;
            /** Format: uuid */
            device_id: string;
            /** @default null */
            estimated: number | null;
            last_reading_at: string | null;
            last_reading_value: number | null;
            measurement_count: number;
            /** @default null */
            quality: {
                estimated: number;
                measured: number;
                missing: number;
            } | null;
            /** Format: date-time */
            start: string;
            total_consumption: number | null;
            /** @enum {unknown} */
            type: "hourly_updated";
        };
        /** HourQuality */
        HourQuality: {
            estimated: number;
            measured: number;
            missing: number;
        };
        /** PeriodUpdated */
        PeriodUpdated: {
            /** @default main */
            channel: string;
            /** Format: uuid */
            device_id: string;
            /** Format: date-time */
            end: string;
            last_reading_at: string | null;
            last_reading_value: number | null;
            /** Format: date-time */
            start: string;
            /** @enum {unknown} */
            type: "period_updated";
        };
        /** Pong */
        Pong: {
            /** @enum {unknown} */
            type: "pong";
        };
        /** Subscribed */
        Subscribed: {
            /** @default false */
            alerts: boolean;
            /** @default null */
            channels: string[] | null;
            device_ids: string[];
            /** @enum {unknown} */
            type: "subscribed";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type AlertFrame = components['schemas']['AlertFrame'];
export type Authenticated = components['schemas']['Authenticated'];
export type ErrorFrame = components['schemas']['ErrorFrame'];
export type HourlyUpdated = components['schemas']['HourlyUpdated'];
export type HourQuality = components['schemas']['HourQuality'];
export type PeriodUpdated = components['schemas']['PeriodUpdated'];
export type Pong = components['schemas']['Pong'];
export type Subscribed = components['schemas']['Subscribed'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
export type Check<T> = ((frame: unknown) => frame is T) & { errors?: { instancePath: string; keyword: string }[] | null };
export const frameChecks: {
  alert: Check<components['schemas']['AlertFrame']>;
  authenticated: Check<components['schemas']['Authenticated']>;
  error: Check<components['schemas']['ErrorFrame']>;
  hourly_updated: Check<components['schemas']['HourlyUpdated']>;
  period_updated: Check<components['schemas']['PeriodUpdated']>;
  pong: Check<components['schemas']['Pong']>;
  subscribed: Check<components['schemas']['Subscribed']>;
};
