"""The closed vocabularies of the field, as identifiers (Chinese and English words for them: `jieti.web.words`)."""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    TECH_BUREAU = "tech_bureau"
    BROKER_AGENCY = "broker_agency"


class Role(StrEnum):
    """What a user may do in their organisation; a user may have several."""

    ENTERPRISE = "enterprise"
    RESEARCHER = "researcher"
    TRANSFER_OFFICE = "transfer_office"
    OFFICER = "officer"
    BROKER = "broker"
    PROVINCE = "province"


class Verification(StrEnum):
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"


class Membership(StrEnum):
    """A user's standing in their organisation: the first member is active, later ones wait for its administrator."""

    ACTIVE = "active"
    PENDING = "pending"
    REJECTED = "rejected"


class CooperationMode(StrEnum):
    ASSIGNMENT = "assignment"
    LICENCE = "licence"
    EQUITY = "equity"
    COMMISSIONED_DEVELOPMENT = "commissioned_development"
    JOINT_DEVELOPMENT = "joint_development"
    CONSULTING = "consulting"
    SERVICE = "service"
    TRY_BEFORE_BUY = "try_before_buy"


class ActivityType(StrEnum):
    """科技活动类型 of a challenge."""

    NEW_PRODUCT = "new_product"
    NEW_PROCESS = "new_process"
    IMPROVEMENT = "improvement"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    TESTING = "testing"
    OTHER = "other"


class ContractType(StrEnum):
    """Five types; 许可 became separate in the 民法典."""

    DEVELOPMENT = "development"
    ASSIGNMENT = "assignment"
    LICENCE = "licence"
    CONSULTING = "consulting"
    SERVICE = "service"


class IpKind(StrEnum):
    INVENTION = "invention"
    UTILITY_MODEL = "utility_model"
    DESIGN = "design"
    SOFTWARE = "software"
    IC_LAYOUT = "ic_layout"
    PLANT_VARIETY = "plant_variety"
    SECRET = "secret"  # noqa: S105 (技术秘密, no password)


class IpStatus(StrEnum):
    PUBLISHED = "published"
    EXAMINING = "examining"
    GRANTED = "granted"
    LAPSED = "lapsed"
    TRANSFERRED = "transferred"


class PriorityField(StrEnum):
    """The policy's 13 fields (浙政办发〔2019〕11号), then 民生, 农业, 绿色技术."""

    ARTIFICIAL_INTELLIGENCE = "artificial_intelligence"
    FLEXIBLE_ELECTRONICS = "flexible_electronics"
    QUANTUM_COMMUNICATION = "quantum_communication"
    INTEGRATED_CIRCUITS = "integrated_circuits"
    DIGITAL_CREATIVITY = "digital_creativity"
    BIOMEDICINE = "biomedicine"
    BIO_AGRICULTURE = "bio_agriculture"
    MODERN_SEED = "modern_seed"
    NEW_MATERIALS = "new_materials"
    CLEAN_ENERGY = "clean_energy"
    AEROSPACE = "aerospace"
    EMERGING_MARINE = "emerging_marine"
    ADVANCED_EQUIPMENT = "advanced_equipment"
    LIVELIHOOD = "livelihood"
    AGRICULTURE = "agriculture"
    GREEN_TECHNOLOGY = "green_technology"


class IndustrySection(StrEnum):
    """Sections of GB/T 4754-2017."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741
    J = "J"
    K = "K"
    L = "L"
    M = "M"
    N = "N"
    O = "O"  # noqa: E741
    P = "P"
    Q = "Q"
    R = "R"
    S = "S"
    T = "T"


class IndicatorOperator(StrEnum):
    """Same values as matcher.types.Operator."""

    GE = ">="
    GT = ">"
    LE = "<="
    LT = "<"
    EQ = "="
    RANGE = "range"
    PLUS_MINUS = "+-"


class RejectionReason(StrEnum):
    """Why a match does not fit (interface guide, matches page)."""

    FIELD = "field"
    INDICATORS = "indicators"
    MATURITY = "maturity"
    TAKEN = "taken"
    REGION_OR_MODE = "region_or_mode"
    OTHER = "other"


TRL_RANGE = range(1, 10)
