"""The sample study: an invented meal-kit service with planted findings and planted decoys."""

from journey_lib.study.sample.write import DEFAULT_SEED, SampleReport, write

__all__ = ["DEFAULT_SEED", "SampleReport", "write"]
