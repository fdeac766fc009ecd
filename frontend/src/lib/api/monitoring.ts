// Made from the service's OpenAPI schema by scripts/api-types.mjs; not written by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Alert: {
            readonly acknowledged: boolean;
            /** Format: date-time */
            acknowledged_at: string | null;
            /** Format: uuid */
            acknowledged_by: string | null;
            readonly channel: string;
            /** Format: date-time */
            created_at: string;
            readonly device_id: string;
            readonly device_name: string;
            id: number;
            /** Format: double */
            readonly limit: number;
            /** Format: date-time */
            start: string;
            readonly timezone: string;
            /** Format: double */
            readonly total_consumption: number;
            readonly unit: string;
            readonly withdrawn: boolean;
            /** Format: date-time */
            withdrawn_at: string | null;
        };
        ChannelState: {
            code: string;
            /** Format: date-time */
            first_hour: string | null;
            flow: string;
            interval_seconds: number;
            /** Format: date-time */
            last_reading_at: string | null;
            /** Format: double */
            readonly last_reading_value: number | null;
            name: string;
            quantity: string;
            reading_kind: string;
            silent: boolean;
            state: components["schemas"]["DeviceStateStateEnum"];
            /** Format: double */
            readonly today_consumption: number | null;
            unit: string;
        };
        ChoiceRequest: {
            /** @default false */
            all: boolean;
            message_ids?: string[];
            /** @default  */
            reason: string;
        };
        Day: {
            /** Format: double */
            average_hourly_consumption: number | null;
            channel: string;
            /** Format: date */
            date: string;
            /** Format: uuid */
            device_id: string;
            /** Format: double */
            estimated: number | null;
            hourly_data: components["schemas"]["DayHour"][];
            hours_with_data: number;
            peak_hour: components["schemas"]["PeakHour"] | null;
            quality: components["schemas"]["Quality"];
            quantity: string;
            timezone: string;
            /** Format: double */
            total_daily_consumption: number | null;
            unit: string;
        };
        DayHour: {
            /** Format: double */
            readonly estimated: number | null;
            hour: number;
            measurement_count: number;
            quality: components["schemas"]["Quality"];
            /** Format: date-time */
            start: string;
            /** Format: double */
            readonly total_consumption: number | null;
        };
        DeadLetter: {
            body: string;
            body_truncated: boolean;
            /** Format: date-time */
            dead_lettered_at: string | null;
            detail: string;
            /** Format: uuid */
            device_id: string | null;
            device_name: string | null;
            field: string | null;
            message_id: string;
            reason: string;
            retryable: boolean;
            size: number;
        };
        DeadLetters: {
            count: number | null;
            results: components["schemas"]["DeadLetter"][];
        };
        DecisionRequest: {
            /** @default  */
            note: string;
        };
        DeviceState: {
            channels: components["schemas"]["ChannelState"][];
            description: string;
            /** Format: uuid */
            device_id: string;
            device_type: string;
            /** Format: date-time */
            first_hour: string | null;
            interval_seconds: number;
            /** Format: date-time */
            last_reading_at: string | null;
            /** Format: double */
            readonly last_reading_value: number | null;
            /** Format: double */
            readonly max_consumption: number | null;
            name: string;
            quantity: string;
            reading_kind: string;
            silent: boolean;
            state: components["schemas"]["DeviceStateStateEnum"];
            status: string;
            timezone: string;
            /** Format: double */
            readonly today_consumption: number | null;
            unit: string;
        };
        /** @enum {string} */
        DeviceStateStateEnum: "live" | "late" | "silent" | "never";
        Discard: {
            discarded: {
                [key: string]: number;
            };
            /** Format: date-time */
            finished_at: string | null;
            id: number;
            reason: string;
            /** Format: date-time */
            requested_at: string;
            /** Format: uuid */
            requested_by: string;
            requested_by_name: string;
        };
        ExtremeHour: {
            /** Format: date-time */
            start: string;
            /** Format: double */
            total_consumption: number;
        };
        HeldEnergy: {
            energy: {
                [key: string]: number;
            };
            open: number;
        };
        HeldJump: {
            readonly channel: string;
            /** Format: date-time */
            decided_at: string | null;
            /** Format: uuid */
            decided_by: string | null;
            decided_by_name: string | null;
            readonly device_id: string;
            readonly device_name: string;
            /** Format: date-time */
            end: string;
            /** Format: double */
            readonly energy: number;
            /** Format: date-time */
            first_seen_at: string;
            id: number;
            readonly month_closed: boolean;
            note: string | null;
            readonly plausible_energy: (number) | null;
            /** Format: double */
            readonly register_after: number;
            /** Format: double */
            readonly register_before: number;
            /** Format: date-time */
            start: string;
            state: components["schemas"]["HeldJumpStateEnum"];
            readonly timezone: string;
            readonly unit: string;
        };
        /** @enum {string} */
        HeldJumpStateEnum: "accepted" | "dismissed" | "open";
        Hour: {
            /** Format: double */
            readonly estimated: number | null;
            measurement_count: number;
            quality: components["schemas"]["Quality"];
            /** Format: date-time */
            start: string;
            /** Format: double */
            readonly total_consumption: number | null;
        };
        Hours: {
            channel: string;
            /** Format: uuid */
            device_id: string;
            /** Format: date-time */
            end: string;
            hourly_data: components["schemas"]["Hour"][];
            quantity: string;
            /** Format: date-time */
            start: string;
            timezone: string;
            unit: string;
        };
        Ledger: {
            held: components["schemas"]["HeldEnergy"];
            /** Format: double */
            oldest_unprocessed_seconds: number | null;
            per_minute: components["schemas"]["Minute"][];
            queues: {
                [key: string]: number | null;
            } | null;
            rejected_by_reason: {
                [key: string]: number;
            };
            totals: components["schemas"]["LedgerTotals"];
            unacknowledged_messages: number | null;
            unclaimed_devices: number;
        };
        LedgerTotals: {
            corrected: number;
            duplicates: number;
            received: number;
            rejected: number;
            stored: number;
        };
        Minute: {
            corrected: number;
            duplicates: number;
            /** Format: date-time */
            minute: string;
            received: number;
            rejected: number;
            stored: number;
        };
        PaginatedAlertList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Alert"][];
        };
        PaginatedDeviceStateList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["DeviceState"][];
        };
        PaginatedDiscardList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Discard"][];
        };
        PaginatedHeldJumpList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["HeldJump"][];
        };
        PaginatedReadingList: {
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Reading"][];
        };
        PaginatedRemovedReadingList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["RemovedReading"][];
        };
        PaginatedUnregisteredList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Unregistered"][];
        };
        PeakHour: {
            hour: number;
            /** Format: date-time */
            start: string;
            /** Format: double */
            total_consumption: number;
        };
        PeakQuarter: {
            /** Format: double */
            readonly power_kw: number;
            /** Format: date-time */
            start: string;
            /** Format: double */
            total_consumption: number;
        };
        Point: {
            /** Format: double */
            readonly estimated: number | null;
            hours_expected: number;
            hours_with_data: number;
            measurement_count: number | null;
            quality: components["schemas"]["Quality"];
            /** Format: date-time */
            start: string;
            /** Format: double */
            readonly total_consumption: number | null;
        };
        Problem: {
            code: string;
            codes?: {
                [key: string]: unknown;
            };
            detail: string;
            errors?: {
                [key: string]: unknown;
            };
            request_id: string;
            status: number;
            title: string;
            type: string;
        };
        Quality: {
            estimated: number;
            measured: number;
            missing: number;
        };
        Reading: {
            readonly channel: string;
            /** Format: double */
            readonly measurement_value: number;
            revision: number;
            /** Format: date-time */
            timestamp: string;
            readonly unit: string;
        };
        RemovedReading: {
            readonly channel: string;
            readonly device_id: string;
            id: number;
            /** Format: double */
            readonly measurement_value: number;
            note: string;
            /** Format: date-time */
            removed_at: string;
            /** Format: uuid */
            removed_by: string;
            removed_by_name: string;
            revision: number;
            /** Format: date-time */
            timestamp: string;
            readonly unit: string;
        };
        ReplayProgress: {
            failed: number;
            /** Format: date-time */
            finished_at: string | null;
            id: number | null;
            left: number;
            remaining: number | null;
            replayed: number;
            /** Format: date-time */
            requested_at: string | null;
            readonly state: components["schemas"]["ReplayProgressStateEnum"];
            total: number | null;
        };
        /** @enum {string} */
        ReplayProgressStateEnum: "none" | "waiting" | "running" | "finished";
        ReplayRequest: {
            /** @default false */
            all: boolean;
            message_ids?: string[];
            /** @default  */
            reason: string;
            /** @default false */
            retryable: boolean;
        };
        Series: {
            channel: string;
            /** Format: uuid */
            device_id: string;
            /** Format: date-time */
            end: string;
            points: components["schemas"]["Point"][];
            quantity: string;
            resolution: string;
            /** Format: date-time */
            start: string;
            timezone: string;
            unit: string;
        };
        StateCounts: {
            late: number;
            live: number;
            never: number;
            silent: number;
        };
        Stats: {
            /** Format: double */
            average_hourly_consumption: number | null;
            channel: string;
            /** Format: uuid */
            device_id: string;
            /** Format: date-time */
            end: string;
            /** Format: double */
            estimated: number | null;
            hours_expected: number;
            hours_with_data: number;
            /** Format: double */
            load_factor: number | null;
            lowest_hour: components["schemas"]["ExtremeHour"] | null;
            peak_hour: components["schemas"]["ExtremeHour"] | null;
            peak_quarter: components["schemas"]["PeakQuarter"] | null;
            quality: components["schemas"]["Quality"];
            quantity: string;
            /** Format: date-time */
            start: string;
            /** Format: double */
            total_consumption: number | null;
            unit: string;
        };
        Unregistered: {
            /** Format: uuid */
            device_id: string;
            /** Format: date-time */
            first_seen_at: string;
            interval_seconds: number | null;
            /** Format: date-time */
            last_reading_at: string | null;
            /** Format: double */
            readonly last_reading_value: number | null;
            readings: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Alert = components['schemas']['Alert'];
export type ChannelState = components['schemas']['ChannelState'];
export type ChoiceRequest = components['schemas']['ChoiceRequest'];
export type Day = components['schemas']['Day'];
export type DayHour = components['schemas']['DayHour'];
export type DeadLetter = components['schemas']['DeadLetter'];
export type DeadLetters = components['schemas']['DeadLetters'];
export type DecisionRequest = components['schemas']['DecisionRequest'];
export type DeviceState = components['schemas']['DeviceState'];
export type DeviceStateStateEnum = components['schemas']['DeviceStateStateEnum'];
export type Discard = components['schemas']['Discard'];
export type ExtremeHour = components['schemas']['ExtremeHour'];
export type HeldEnergy = components['schemas']['HeldEnergy'];
export type HeldJump = components['schemas']['HeldJump'];
export type HeldJumpStateEnum = components['schemas']['HeldJumpStateEnum'];
export type Hour = components['schemas']['Hour'];
export type Hours = components['schemas']['Hours'];
export type Ledger = components['schemas']['Ledger'];
export type LedgerTotals = components['schemas']['LedgerTotals'];
export type Minute = components['schemas']['Minute'];
export type PaginatedAlertList = components['schemas']['PaginatedAlertList'];
export type PaginatedDeviceStateList = components['schemas']['PaginatedDeviceStateList'];
export type PaginatedDiscardList = components['schemas']['PaginatedDiscardList'];
export type PaginatedHeldJumpList = components['schemas']['PaginatedHeldJumpList'];
export type PaginatedReadingList = components['schemas']['PaginatedReadingList'];
export type PaginatedRemovedReadingList = components['schemas']['PaginatedRemovedReadingList'];
export type PaginatedUnregisteredList = components['schemas']['PaginatedUnregisteredList'];
export type PeakHour = components['schemas']['PeakHour'];
export type PeakQuarter = components['schemas']['PeakQuarter'];
export type Point = components['schemas']['Point'];
export type Problem = components['schemas']['Problem'];
export type Quality = components['schemas']['Quality'];
export type Reading = components['schemas']['Reading'];
export type RemovedReading = components['schemas']['RemovedReading'];
export type ReplayProgress = components['schemas']['ReplayProgress'];
export type ReplayProgressStateEnum = components['schemas']['ReplayProgressStateEnum'];
export type ReplayRequest = components['schemas']['ReplayRequest'];
export type Series = components['schemas']['Series'];
export type StateCounts = components['schemas']['StateCounts'];
export type Stats = components['schemas']['Stats'];
export type Unregistered = components['schemas']['Unregistered'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
